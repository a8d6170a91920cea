import { expect, test } from 'vitest'
import { addressOf, ageOf, heard, isStale, lost, noLink, pauseBefore, turnedTo } from './link.ts'

const live = heard(noLink, '1700000000', 1_000)

test('three seconds of silence are stale; where ticks are rarer, so is staleness', () => {
  expect([1_000, 4_000, 4_001].map((now) => isStale(live, now))).toEqual([false, false, true])
  expect(isStale({ ...live, every: 5 }, 7_500)).toBe(false)
  expect(isStale(noLink, 60_000)).toBe(false) // nothing is shown that could be old
  expect(ageOf(live, 1_400)).toBe(400)
})

test('a new stream goes on where the old one stopped, at its pace, below whatever mount', () => {
  expect(addressOf(live, '/ops/keepwarm/')).toBe('/ops/keepwarm/events?every=1&since=1700000000')
  expect(addressOf({ ...noLink, every: 5 }, '/ops')).toBe('/ops/events?every=5')
})

test('another process is asked for from its beginning', () => {
  expect(addressOf(turnedTo(live, '4712'), '/')).toBe('/events?every=1&process=4712')
})

test('after a break it knocks at once, then ever less often, at least every ten seconds', () => {
  let link = live
  const pauses = Array.from({ length: 8 }, () => pauseBefore((link = lost(link)), 1))
  expect(pauses).toEqual([250, 2_000, 4_000, 8_000, 10_000, 10_000, 10_000, 10_000])
  expect(heard(link, '', 5_000)).toMatchObject({ failures: 0, phase: 'live', lastId: '1700000000' })
})
