/** What a user's compiler reads of the library: the declarations as `npm run build` writes them. */
import { execFile } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'

const run = promisify(execFile)
const house = join(import.meta.dirname, '../../../..')
const tsc = join(house, 'node_modules/typescript/bin/tsc')

export interface Declarations {
  /** From the declarations' folder, with `/`. */
  readonly files: ReadonlyMap<string, string>
  /** Of all of them together, gzipped, in bytes: as they are, and without comments. */
  readonly packed: number
  readonly packedCode: number
}

/** Writes the declarations of all files to a folder, as the build does; what that says of the sources is empty when all is well. */
export async function writeDeclarations(folder: string): Promise<string> {
  const project = join(house, 'packages/keepwarm/tsconfig.build.json')
  const only = ['--emitDeclarationOnly', '--declarationMap', 'false', '--sourceMap', 'false']
  return said(run(process.execPath, [tsc, '-p', project, ...only, '--outDir', folder]))
}

/** All that a compiler reads when somebody imports `entry`. */
export function declarationsFrom(folder: string, entry: string): Declarations {
  const files = new Map<string, string>()
  const visit = (path: string): void => {
    const name = relative(folder, path).replaceAll('\\', '/')
    if (files.has(name)) return
    const text = readFileSync(path, 'utf8')
    files.set(name, text)
    for (const [, from = ''] of text.matchAll(/(?:from|import\()\s*'(\.[^']+)'/g))
      visit(join(dirname(path), from.replace(/\.[jt]s$/, '.d.ts')))
  }
  visit(join(folder, entry))
  const all = [...files.values()].join('\n')
  return { files, packed: gzipSync(all).length, packedCode: gzipSync(withoutComments(all)).length }
}

export function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '')
}

/** What a strict compiler that checks libraries, too, says of somebody who imports `entries`; empty when all is well. */
export async function complaints(folder: string, entries: readonly string[]): Promise<string> {
  const user = join(folder, 'user.ts')
  writeFileSync(user, entries.map((entry) => `export * from './${entry.replace('.d.ts', '.js')}'\n`).join(''))
  const types = ['--types', 'node', '--typeRoots', join(house, 'node_modules/@types')]
  const options = [
    '--ignoreConfig',
    '--noEmit',
    '--strict',
    '--exactOptionalPropertyTypes',
    '--skipLibCheck',
    'false',
    ...types,
  ]
  const platform = ['--module', 'nodenext', '--target', 'es2024', '--lib', 'es2025,esnext.disposable']
  return said(run(process.execPath, [tsc, ...options, ...platform, user], { cwd: folder }))
}

function said(compiler: Promise<unknown>): Promise<string> {
  return compiler.then(
    () => '',
    (failure: unknown) => `${String(failure)}\n${(failure as { stdout: string }).stdout}`,
  )
}
