import { expect, test } from 'vitest'
import { awake, restAfter, roomAtRest, type Rest, type Trouble } from './rest.ts'

const pauses = { base: 1_000, cap: 60_000 }
const asking = (retryAfter: number): Trouble => ({ stage: 'embed', retryAfter })

test('while nothing is known of trouble there is room for any number', () => {
  expect(roomAtRest(awake, 0, 7)).toBe(Infinity)
})

test('nothing is begun during a rest, and one document after it', () => {
  const rest = restAfter(awake, asking(0), 0, pauses, 1)
  expect(rest).toEqual({ rests: 1, until: 1_000, stage: 'embed' })
  expect([0, 999, 1_000, 5_000].map((now) => roomAtRest(rest, now, 0))).toEqual([0, 0, 1, 1])
  expect(roomAtRest(rest, 1_000, 1)).toBe(0)
  expect(roomAtRest(rest, 1_000, 3)).toBe(0)
})

test('rests grow up to a quarter of a minute, and those that were under way together count once', () => {
  let rest: Rest = awake
  const lengths: number[] = []
  for (let now = 0, round = 0; round < 6; round++, now = rest.until) {
    rest = restAfter(rest, asking(0), now, pauses, 1)
    lengths.push(rest.until - now)
    for (let late = 1; late < 4; late++) rest = restAfter(rest, asking(0), now + late, pauses, 1)
  }
  expect(lengths).toEqual([1_000, 3_000, 9_000, 15_000, 15_000, 15_000])
})

test('what an upstream asks for is kept, also when it asks in the middle of a rest', () => {
  const rest = restAfter(awake, asking(40_000), 0, pauses, 0)
  expect(rest.until).toBe(40_000)
  expect(restAfter(rest, asking(20_000), 10, pauses, 0)).toMatchObject({ rests: 1, until: 40_000 })
  expect(restAfter(rest, asking(60_000), 10, pauses, 0)).toMatchObject({ rests: 1, until: 60_010 })
})
