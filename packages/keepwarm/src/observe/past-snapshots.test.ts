import { expect, test } from 'vitest'
import { PastSnapshots } from './past-snapshots.ts'
import type { ProcessSnapshot } from './process-snapshot.ts'

const at = (seconds: number): ProcessSnapshot => ({ at: 1_000 * seconds }) as ProcessSnapshot

function beforeLast(...times: readonly number[]): number[] {
  const past = new PastSnapshots()
  for (const time of times) past.add(at(time))
  return past.before(at(times.at(-1)!)).map((before) => before.at / 1_000)
}

test.each([
  ['nothing before the first', [0], []],
  ['the one before, where there is no other', [0, 3], [0]],
  ['those of the last minute', [0, 30, 50, 61], [30, 50]],
  ['the one before, however long ago', [0, 3_600], [0]],
  [
    'one a second for two minutes: one in five of the last minute',
    Array.from({ length: 121 }, (_, i) => i),
    Array.from({ length: 12 }, (_, i) => 60 + 5 * i),
  ],
  ['a clock that was set back: what lies in the future is forgotten', [1_000, 2_000, 500], []],
])('%s', (_, times, expected) => {
  expect(beforeLast(...times)).toEqual(expected)
})
