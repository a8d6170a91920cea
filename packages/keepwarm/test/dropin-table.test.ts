/** docs/drop-in.md against the tests that it names: each cell of its tables has one, and no drop-in test is left out. */
import { existsSync, globSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { expect, test } from 'vitest'
import { namesIn } from './support/test-names.ts'

const page = new URL('../../../docs/drop-in.md', import.meta.url)
const text = readFileSync(page, 'utf8')

interface Reference {
  readonly label: string
  readonly path: string
  readonly name: string
}

/** `[label]: path "name of a test"` */
function referencesIn(source: string): Reference[] {
  return [...source.matchAll(/^\[([^\]]+)\]: (\S+) (['"])(.*)\3$/gm)].map(([, label, path, , name]) => ({
    label: label!,
    path: path!,
    name: name!,
  }))
}

/** The cells behind the first of every row of the tables that have a cell with a reference. */
function cellsIn(source: string): string[] {
  const tables = source.split('\n\n').filter((part) => part.startsWith('|') && part.includes(']['))
  return tables.flatMap((table) =>
    table
      .split('\n')
      .slice(2)
      .flatMap((row) => row.split('|').slice(2, -1))
      .map((cell) => cell.trim()),
  )
}

/** What is wrong with a reference, if anything. */
function fault({ path, name }: Reference): string | undefined {
  const file = new URL(path, page)
  if (!existsSync(file)) return `${path} does not exist`
  return namesIn(readFileSync(file, 'utf8')).has(name) ? undefined : `${path} has no test "${name}"`
}

const references = referencesIn(text)
const used = [...text.matchAll(/\]\[([^\]]+)\]/g)].map(([, label]) => label!)

test('every cell of the tables leads to a test, or says that there is nothing to test', () => {
  const cells = cellsIn(text)
  expect(cells.length).toBeGreaterThanOrEqual(8 * 9 + 2 * (11 + 4 + 8))
  expect(cells.filter((cell) => !/^(\[yes\]\[[^\]]+\]|–)$/.test(cell))).toEqual([])
  expect(cells.filter((cell) => cell === '–').length).toBeLessThanOrEqual(3)
})

test('every reference is used, is there once, and names a test that exists', () => {
  const labels = references.map(({ label }) => label)
  expect(new Set(labels).size).toBe(labels.length)
  expect([...new Set(used)].sort()).toEqual([...labels].sort())
  expect(references.flatMap((reference) => fault(reference) ?? [])).toEqual([])
})

test('every test of a drop-in is named on the page', () => {
  const named = new Set(references.map(({ path, name }) => `${basename(path)}: ${name}`))
  const files = globSync('dropin-*.test.ts', { cwd: import.meta.dirname })
  const left = files
    .filter((file) => file !== basename(import.meta.filename))
    .flatMap((file) => {
      const names = namesIn(readFileSync(new URL(file, import.meta.url), 'utf8'))
      return [...names].map((name) => `${file}: ${name}`)
    })
    .filter((test) => !named.has(test))
  expect(files.length).toBeGreaterThan(10)
  expect(left).toEqual([])
})

test('a cell without a test and a test that is renamed are noticed', () => {
  const [wrong] = referencesIn(`[a]: ../packages/keepwarm/test/dropin-ky.test.ts "ky: no such test"`)
  expect(fault(wrong!)).toContain('has no test "ky: no such test"')
  expect(fault({ ...wrong!, path: 'no-such.test.ts' })).toContain('does not exist')
  expect(
    cellsIn('x\n\n| a | b | c |\n|--|--|--|\n| d | [yes][e] | maybe |\n\n| no | test |\n|--|--|\n| f | g |'),
  ).toEqual(['[yes][e]', 'maybe'])
})
