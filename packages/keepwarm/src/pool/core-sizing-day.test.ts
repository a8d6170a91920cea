/**
 * What a number of connections that follows the need is worth, beside every number that is fixed: a short day in the
 * core, the same for all. It comes out the same on every machine, so numbers are compared as they are.
 */
import { describe, expect, test } from 'vitest'
import { PoolStage, type Guest } from '../testing/pool-stage.ts'
import { dayOfLoad, spendDay, type DayResult, type Load } from '../testing/sizing-day.ts'
import type { PoolLimits } from './limits.ts'
import { resolveSizing } from './sizing-options.ts'

const adaptive = resolveSizing(true)
const CEILING = 20

describe.each([
  { dialTakes: 40, smallest: 1 },
  { dialTakes: 120, smallest: 12 },
])('a day of changing load, dials of $dialTakes ms', ({ dialTakes, smallest }) => {
  const load = dayOfLoad(1, 30 * 60_000, 80)
  const spend = (limits: Partial<PoolLimits>, minimum = 0): DayResult =>
    spendDay(load, { limits, minimum, dialTakes })
  const flexible = spend({ adaptive })
  const sizes = Array.from({ length: CEILING + 1 - smallest }, (_, index) => smallest + index)
  const fixed = sizes.map((size) => spend({ maxConnectionsPerOrigin: size }, size))

  test('every fixed size that holds no more has more than ten times as many requests wait, and for longer', () => {
    const smaller = fixed.filter(({ held }) => held <= flexible.held)
    expect(smaller.length).toBeGreaterThan(0)
    for (const { waited, meanWait, p999 } of smaller) {
      expect(waited).toBeGreaterThan(10 * flexible.waited)
      expect(meanWait).toBeGreaterThan(5 * flexible.meanWait)
      expect(p999).toBeGreaterThan(flexible.p999)
    }
  })

  test('every fixed size whose requests wait as little holds more connections, an eighth at least', () => {
    const asGood = fixed.filter(({ meanWait }) => meanWait <= flexible.meanWait)
    expect(asGood.length).toBeGreaterThan(0)
    for (const { held } of asGood) expect(held).toBeGreaterThan(1.125 * flexible.held)
  })

  test('a fixed size at the peak waits a little less, holds half as many again, and dials more often', () => {
    const peak = fixed.at(-1)!
    expect(peak.meanWait).toBeLessThan(flexible.meanWait)
    expect(peak.held).toBeGreaterThan(1.5 * flexible.held)
    expect(peak.dials).toBeGreaterThan(flexible.dials)
  })

  test('as connections are asked for they are fewer, and more than ten times as many requests wait', () => {
    const onDemand = spend({})
    expect(onDemand.held).toBeLessThan(flexible.held)
    expect(onDemand.waited).toBeGreaterThan(10 * flexible.waited)
  })

  test('it grew to what the peak needs, nobody was turned away, and with the load the connections went', () => {
    expect(flexible.most).toBeGreaterThan(15)
    expect(flexible.refused).toBe(0)
    expect(flexible.left).toBeLessThan(8)
  })
})

describe('a server that stalls', () => {
  test('does not make the connections run away, is used fully when it recovers, and then they shrink', () => {
    const limits = { maxConnectionsPerOrigin: 8, maxQueue: 20 }
    const stage = new PoolStage({ ...limits, adaptive })
    const guests: Guest[] = []
    for (let second = 0; second < 30; second++) {
      guests.push(...stage.askMany(10, 'a', 2_000)) // and none of them is answered
      while (stage.dials.length > 0) stage.opened()
      expect(stage.core.open).toBe(8)
      expect(stage.core.find('a')!.wanted).toBe(8)
      expect(stage.core.waiting).toBeLessThanOrEqual(20)
      stage.pass(1_000)
    }
    const stalled = guests.filter(({ fate }) => fate === 'served')
    expect(stalled).toHaveLength(8)
    expect(guests.filter(({ fate }) => fate === 'acquire_timeout').length).toBeGreaterThan(100)

    const inLine = guests.filter(({ fate }) => fate === 'waits')
    const next = stage.askMany(16 - inLine.length)
    for (const guest of stalled) stage.finish(guest)
    expect(stage.figures).toBe('8 open, 0 dialing, 0 idle, 8 waiting') // all eight serve those in line
    for (const guest of [...inLine, ...next]) stage.finish(guest)
    expect(stage.figures).toBe('8 open, 0 dialing, 8 idle, 0 waiting')

    for (let second = 0; second < 300; second++) {
      stage.finish(stage.ask('alone'))
      stage.pass(1_000)
      while (stage.dials.length > 0) stage.opened()
      stage.gone()
    }
    expect(stage.figures).toBe('2 open, 0 dialing, 2 idle, 0 waiting')
  })
})

describe('slow dials', () => {
  /** When there is a connection: twenty bursts of five requests in a second, each of which is served in 5 ms. */
  const arrivals = Array.from({ length: 100 }, (_, index) => 2_000 + 50 * Math.floor(index / 5))
  const bursts: Load = { lasts: 5_000, arrivals, services: arrivals.map(() => 5) }

  test.each([
    ['as connections are asked for', null, 1 + 4],
    ['as the need is measured', adaptive, Math.ceil(5 * 1.25)],
  ])('do not make bursts open one connection for each request: %s', (_, sizing, dials) => {
    const result = spendDay(bursts, { limits: { adaptive: sizing }, minimum: 1, dialTakes: 1_000 })
    expect(result).toMatchObject({ dials, most: dials, refused: 0 })
    expect(result.meanWait).toBeLessThanOrEqual(10) // in turns of 5 ms on the one that is there
  })
})
