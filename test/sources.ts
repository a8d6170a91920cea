/** The repository's files and their import lines, for the tests that read the house. */
import { execFileSync } from 'node:child_process'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'

/** The repository's top folder. */
export const house: string = dirname(import.meta.dirname)

/** What one import or re-export line says. */
export interface Import {
  /** As written: `./core.ts`, `undici`, `node:fs`. */
  readonly from: string
  /** Where a relative import leads, from the top folder. */
  readonly file: string | undefined
  /** The names taken, each as the other file calls it; `*` for all of them. */
  readonly names: readonly string[]
  /** Gone after the types are stripped. */
  readonly typeOnly: boolean
}

/** Files under git that are there, from the top folder. */
export function trackedFiles(): string[] {
  const listed = execFileSync('git', ['ls-files', '-z'], { cwd: house, encoding: 'utf8' })
  return listed.split('\0').filter((path) => path !== '' && existsSync(join(house, path)))
}

/** TypeScript files below a folder, from the top folder, tests left out. */
export function sourceFiles(pattern: string): string[] {
  return globSync(pattern, { cwd: house, exclude: ['**/node_modules/**', '**/dist/**'] })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => !path.endsWith('.test.ts'))
    .sort()
}

export function read(path: string): string {
  return readFileSync(join(house, path), 'utf8')
}

const importLine = /^(?:import|export)\s+(type\s+)?([\w\s{},*$]+?)\s+from\s+['"]([^'"]+)['"]/gm
const bareImport = /^import\s+['"]([^'"]+)['"]/gm
const dynamicImport = /\bimport\(\s*['"]([^'"]+)['"]/g

/** Reads the import lines of one file. */
export function importsOf(path: string, source: string = read(path)): Import[] {
  const lines = [...source.matchAll(importLine)].map(([, type, names = '', from = '']) =>
    describe(path, from, namesIn(names), type !== undefined),
  )
  const effects = [...source.matchAll(bareImport)].map(([, from = '']) => describe(path, from, [], false))
  const dynamic = [...code(source).matchAll(dynamicImport)].map(([, from = '']) =>
    describe(path, from, ['*'], false),
  )
  return [...lines, ...effects, ...dynamic]
}

/** The source without whole-line comments, so that what is written about is not taken for what is done. */
export function code(source: string): string {
  return source.replace(/\/\*[\s\S]*?\*\//g, blank).replace(/^\s*\/\/.*$/gm, '')
}

function blank(comment: string): string {
  return comment.replace(/[^\n]/g, '')
}

function describe(path: string, from: string, names: string[], typeOnly: boolean): Import {
  const file = from.startsWith('.') ? posix.join(posix.dirname(path), from) : undefined
  const values = names.filter((name) => !name.startsWith('type '))
  const onlyTypes = typeOnly || (names.length > 0 && values.length === 0)
  return { from, file, names: names.map((name) => name.replace(/^type /, '')), typeOnly: onlyTypes }
}

/** `a, { b as c, type D }` gives `default`, `b` and `type D`; `* as all` gives `*`. */
function namesIn(clause: string): string[] {
  const braces = /\{([^}]*)\}/.exec(clause)?.[1] ?? ''
  const outside = clause
    .replace(/\{[^}]*\}/, '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
  const inside = braces
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
  return [
    ...outside.map((name) => (name.startsWith('*') ? '*' : 'default')),
    ...inside.map((name) => name.split(' as ')[0] ?? name),
  ]
}
