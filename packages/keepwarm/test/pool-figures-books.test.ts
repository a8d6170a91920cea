/** A pool's figures under random schedules: what was given out came back, was lost, or is out. */
import { expect, test } from 'vitest'
import { clientScheduleOf } from '../src/testing/client-schedule.ts'
import { ClientWorld } from '../src/testing/client-world.ts'
import type { OriginSnapshot, PoolSnapshot } from 'keepwarm'

/** Steps between two looks. */
const EVERY = 10

function sum(origins: readonly OriginSnapshot[], of: (origin: OriginSnapshot) => number): number {
  return origins.reduce((all, origin) => all + of(origin), 0)
}

function check(now: PoolSnapshot): void {
  const { origins, counters, histograms, inFlight } = now
  const { wait, use, lifetime, requests } = histograms
  expect(wait.count).toBe(use.count + counters.lostRaces + counters.lostUnsent + inFlight)
  expect(counters.opened - lifetime.count).toBe(now.connections - now.dialing)
  expect(requests.count).toBe(lifetime.count)
  for (const { holders, ...origin } of origins) {
    expect(holders!.length).toBe(Math.min(5, origin.inFlight))
    const ages = holders!.map(({ heldFor }) => heldFor)
    expect(ages).toEqual(ages.toSorted((a, b) => b - a))
    if (origin.waiting === 0) expect([origin.blockedBy, origin.waitingFor]).toEqual([null, 0])
    else expect(origin.waitingFor).toBeGreaterThanOrEqual(0)
    expect(origin.oldestWait).toBeGreaterThanOrEqual(0)
  }
  const all = (of: (origin: OriginSnapshot) => number): number => sum(origins, of)
  if (all((origin) => origin.counters.requests) !== counters.requests) return // one is out of sight
  expect(all(({ use: { count } }) => count)).toBe(use.count)
  expect(all(({ ended }) => ended.connections)).toBe(lifetime.count)
  for (const name of ['reused', 'lostUnsent', 'lostRaces', 'leaks', 'dialed', 'opened'] as const)
    expect(all((origin) => origin.counters[name])).toBe(counters[name])
  for (const name of ['queue_full', 'acquire_timeout', 'dial_failed', 'closed'] as const)
    expect(all((origin) => origin.counters.refused[name])).toBe(counters.refused[name])
}

test('the figures balance after every few steps, and those of the origins add up to the pool', async () => {
  const blocks = new Set<unknown>()
  let looks = 0
  for (let seed = 1; seed <= 40; seed++) {
    const { limits, steps, ending } = clientScheduleOf(seed, 300)
    const world = new ClientWorld(limits)
    for (const [index, step] of steps.entries()) {
      await world.apply(step)
      if (index % EVERY > 0) continue
      const now = world.pool.snapshot({ holders: true })
      check(now)
      for (const origin of now.origins)
        for (const { blockedBy } of [origin, ...origin.groups]) blocks.add(blockedBy)
      looks++
    }
    await world.end(ending)
    check(world.pool.snapshot({ holders: true }))
  }
  expect(looks).toBeGreaterThan(1_000)
  expect([...blocks]).toEqual(
    expect.arrayContaining(['dialing', 'maxConnections', 'maxConnectionsPerOrigin', 'group']),
  )
}, 60_000)
