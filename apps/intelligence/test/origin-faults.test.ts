/** The faults of the original system against the tests that show that they cannot come back. */
import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { namesIn } from '../../../packages/keepwarm/test/support/test-names.ts'
import { faults, type Proof } from './origin-faults.ts'

const root = new URL('../../../', import.meta.url)
const known = new Map<string, Set<string>>()

/** What is wrong with a row's reference to a test, if anything. */
function lost({ file, name }: Proof): string | undefined {
  const url = new URL(file, root)
  if (!existsSync(url)) return `${file} does not exist`
  if (!known.has(file)) known.set(file, namesIn(readFileSync(url, 'utf8')))
  return known.get(file)!.has(name) ? undefined : `${file} has no test "${name}"`
}

test('the faults are 0 to 39, each once and in order', () => {
  expect(faults.map(({ number }) => number)).toEqual(Array.from({ length: 40 }, (_, index) => index))
})

test.each(faults)('fault $number cannot come back: $fault', (row) => {
  if ('not' in row) return expect(row.not.length).toBeGreaterThan(40)
  expect(row.tests.length).toBeGreaterThan(0)
  expect(row.tests.flatMap((proof) => lost(proof) ?? [])).toEqual([])
})
