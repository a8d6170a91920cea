/** The list of scenarios against the tests that it names. */
import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { resilienceScenarios } from './resilience-scenarios.ts'
import { scenarios, type Proof, type Scenario } from './scenarios.ts'
import { namesIn } from './support/test-names.ts'

const home = new URL('..', import.meta.url)

const known = new Map<string, Set<string>>()

/** What is wrong with a row's reference to a test, if anything. */
function fault({ file, name }: Proof): string | undefined {
  const url = new URL(file, home)
  if (!existsSync(url)) return `${file} does not exist`
  if (!known.has(file)) known.set(file, namesIn(readFileSync(url, 'utf8')))
  return known.get(file)!.has(name) ? undefined : `${file} has no test "${name}"`
}

const tables: readonly (readonly [what: string, count: number, table: readonly Scenario[]])[] = [
  ['the pool', 105, scenarios],
  ['resilience', 72, resilienceScenarios],
]

test.each(tables)('the scenarios of %s are 1 to %d, each once and in order', (_, count, table) => {
  expect(table.map(({ number }) => number)).toEqual(Array.from({ length: count }, (__, i) => i + 1))
})

test.each(tables)('each of %s has tests or says why it has none', (_, __, table) => {
  const bare = table.filter((scenario) =>
    'not' in scenario ? scenario.not.length < 20 : scenario.tests.length === 0 && scenario.later !== true,
  )
  expect(bare).toEqual([])
})

const proved = tables.flatMap(([what, , table]) =>
  table.flatMap((scenario) =>
    'tests' in scenario && scenario.tests.length > 0 ? [{ what, ...scenario }] : [],
  ),
)

test.each(proved)('scenario $number of $what is proved by tests that exist: $law', ({ tests }) => {
  expect(tests.flatMap((proof) => fault(proof) ?? [])).toEqual([])
  expect(new Set(tests.map(({ file, name }) => `${file}: ${name}`)).size).toBe(tests.length)
})

test('a test that is renamed is noticed, in whatever form it stands', () => {
  const source = [
    "test('plain', () => {})",
    `  it("it's", async () => {})`,
    "test.each([\n  ['a', 1],\n])('each %s', (_, n) => {})",
    "test.runIf(process.platform === 'linux')(\n  'over two lines',\n  () => {})",
    'test(`of ${COUNT} steps`, { timeout: 1 }, () => {})',
    "test('don\\'t', () => {})",
    "latest('not a test', 1); fails(soon(a, 'nor this', 5))",
  ].join('\n')
  expect([...namesIn(source)]).toEqual([
    'plain',
    "it's",
    'each %s',
    'over two lines',
    'of ${COUNT} steps',
    "don't",
  ])
  expect(fault({ file: 'test/scenarios.test.ts', name: 'a name that no test has' })).toContain('has no test')
  expect(fault({ file: 'test/no-such.test.ts', name: 'x' })).toContain('does not exist')
})
