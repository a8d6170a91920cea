/** What the simulator of outages says: of itself, and of the client's defaults. */
import { describe, expect, test } from 'vitest'
import { ConfigError } from '../src/errors.ts'
import {
  bimodal,
  exponential,
  lognormal,
  ManualRuntime,
  whatIf,
  whatIfText,
  type ServiceTime,
  type WhatIf,
  type WhatIfReport,
} from '../src/testing/index.ts'

/** Plenty of slots for what comes. */
const calm: WhatIf = {
  client: { attemptTimeout: 1_000 },
  upstream: { slots: 20, service: 50 },
  load: { perSecond: 50 },
  duration: 20_000,
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0)
const failed = ({ calls }: WhatIfReport): number => sum(Object.values(calls.failed))

describe('the books', () => {
  const ill: WhatIf = {
    ...calm,
    clients: 3,
    upstream: { slots: 4, service: exponential(50), queue: 10 },
    load: { perSecond: 70 },
    events: [
      { kind: 'errors', at: 3_000, for: 1_000, share: 0.5, status: 500 },
      { kind: 'slow', at: 6_000, for: 1_000, factor: 4 },
      { kind: 'hang', at: 9_000, for: 1_000 },
      { kind: 'outage', at: 12_000, for: 1_000 },
    ],
  }

  test('the same scenario always comes to the same report, another seed to another', async () => {
    const report = JSON.stringify(await whatIf(ill))
    expect(JSON.stringify(await whatIf(ill))).toBe(report)
    expect(JSON.stringify(await whatIf({ ...ill, seed: 2 }))).not.toBe(report)
  })

  test.each([1, 2, 3])('every call ends once, and each second adds up (seed %i)', async (seed) => {
    const report = await whatIf({ ...ill, seed })
    const { calls, attempts, arrived, perSecond, latency, failedAfter, retries, before, after, events } =
      report
    expect(calls.total).toBeGreaterThan(1_000)
    expect(calls.succeeded + failed(report)).toBe(calls.total)
    expect(failed(report)).toBeGreaterThan(0)
    expect([latency.count, failedAfter.count]).toEqual([calls.succeeded, failed(report)])
    expect(sum(perSecond.offered)).toBe(calls.total)
    expect([sum(perSecond.succeeded), sum(perSecond.goodput)]).toEqual([calls.succeeded, calls.succeeded])
    expect([sum(perSecond.attempts), sum(perSecond.arrived)]).toEqual([attempts, arrived])
    expect(arrived).toBeLessThan(attempts) // dials that were refused
    expect(attempts - retries.total).toBe(calls.total - untried(report))
    expect(retries.total).toBe(sum(Object.values(retries.byReason)))
    expect(before.calls + sum(events.map((event) => event.calls))).toBeLessThan(calls.total)
    expect([before.to, after?.from, after?.to]).toEqual([3_000, 13_000, 20_000])
    expect(JSON.parse(JSON.stringify(report))).toEqual(report)
  })

  test('the load is the same whatever the client does', async () => {
    const { perSecond } = await whatIf(ill)
    const other = await whatIf({ ...ill, client: { retry: false, breaker: false } })
    expect(other.perSecond.offered.slice(0, 20)).toEqual(perSecond.offered.slice(0, 20))
  })
})

/** The breaker let no attempt go; others it turned away after one. */
function untried({ calls, attempts, retries }: WhatIfReport): number {
  const none = calls.total - (attempts - retries.total)
  expect(none).toBeGreaterThanOrEqual(0)
  expect(none).toBeLessThanOrEqual(calls.failed['breaker_open'] ?? 0)
  return none
}

describe('the upstream', () => {
  test('nothing happens: all is well, and nothing is tried twice', async () => {
    const report = await whatIf(calm)
    expect(report.calls.failed).toEqual({})
    expect(report).toMatchObject({
      amplification: 1,
      breakerOpenings: 0,
      events: [],
      lasted: expect.any(Number),
    })
    expect(report.latency).toMatchObject({ p50: 52, max: 54 }) // there and back, the first ones with a dial
    expect(report.before).toMatchObject({ from: 0, to: 20_000, succeeded: 1 })
    expect(report.after).toBeUndefined()
  })

  test('a bounded queue: what is too much is told at once', async () => {
    const client = { retry: false, breaker: false } as const
    const upstream = { slots: 1, service: 50, queue: 2 }
    const report = await whatIf({ ...calm, client, upstream })
    expect(Object.keys(report.calls.failed)).toEqual(['status'])
    expect(report.failedAfter.p99).toBeLessThanOrEqual(4)
    expect(report.latency.max).toBeLessThanOrEqual(3 * 50 + 4)
    expect(report.calls.succeeded).toBeGreaterThan(380)
    expect(report.calls.succeeded).toBeLessThanOrEqual(402)
  })

  test('requests whose client has left: worked off, skipped, or given up at once', async () => {
    const client = { timeout: 1_000, retry: false, breaker: false } as const
    const events = [{ kind: 'hang', at: 5_000, for: 5_000 }] as const
    const [finished, skipped, freed] = await Promise.all(
      (['finished', 'skipped', 'freed'] as const).map((abandoned) =>
        whatIf({ ...calm, client, events, upstream: { slots: 3, service: 50, abandoned } }),
      ),
    )
    // 250 of them at 60 a second, less 50 that still come
    expect(finished!.events[0]!.recovery ?? Infinity).toBeGreaterThan(5_000)
    expect(skipped!.events[0]!.recovery).toBeLessThanOrEqual(2_000)
    expect(freed!.events[0]!.recovery).toBeLessThanOrEqual(2_000)
  })

  test('an outage: dials are refused, and what it had is lost', async () => {
    const events = [{ kind: 'outage', at: 5_000, for: 5_000 }] as const
    const report = await whatIf({ ...calm, client: { retry: false, breaker: false }, events })
    expect(report.calls.failed['connect']).toBeGreaterThan(200)
    expect(report.perSecond.arrived.slice(5, 10)).toEqual([0, 0, 0, 0, 0])
    expect(report.events[0]).toMatchObject({ from: 5_000, to: 10_000, recovery: 0 })
    expect(report.events[0]!.succeeded).toBeLessThan(0.05) // who waited for a dial that was put off
    expect(report.before.succeeded).toBeGreaterThan(0.98)
    expect(report.after!.succeeded).toBe(1)
  })

  test('errors hit their share, retries mend most of them', async () => {
    const events = [{ kind: 'errors', at: 0, for: 20_000, share: 0.1 }] as const
    const plain = await whatIf({ ...calm, client: { retry: false }, events })
    expect(plain.events[0]!.succeeded).toBeGreaterThan(0.86)
    expect(plain.events[0]!.succeeded).toBeLessThan(0.94)
    const mended = await whatIf({ ...calm, events })
    expect(mended.events[0]!.succeeded).toBeGreaterThan(0.97)
    expect(mended.retries.byReason).toEqual({ status_503: mended.retries.total })
  })

  test('slow: what it begins takes longer', async () => {
    const events = [{ kind: 'slow', at: 5_000, for: 5_000, factor: 4 }] as const
    const { latency, calls } = await whatIf({ ...calm, events })
    expect(calls.failed).toEqual({})
    expect(latency).toMatchObject({ p50: 52, p99: 202 })
  })

  test('a closed loop: callers wait for their answers', async () => {
    const { calls } = await whatIf({ ...calm, clients: 2, load: { callers: 5, pause: 48 } })
    expect(calls.total).toBeGreaterThanOrEqual(995)
    expect(calls.total).toBeLessThanOrEqual(1_000)
  })

  test('what may not be sent twice is not, and the report says why', async () => {
    const events = [{ kind: 'errors', at: 0, for: 20_000, share: 0.1, status: 500 }] as const
    const { retries, calls } = await whatIf({ ...calm, call: { method: 'POST', path: '/orders' }, events })
    expect(retries).toEqual({
      total: 0,
      byReason: {},
      suppressed: { not_idempotent: calls.failed['status'] },
    })
  })
})

describe('service times', () => {
  const draws = (service: ServiceTime): number[] => {
    const chance = new ManualRuntime(1)
    return Array.from({ length: 20_000 }, () => service(() => chance.random())).sort((a, b) => a - b)
  }

  test('exponential and bimodal have their mean, lognormal its median and p99', () => {
    for (const service of [exponential(80), bimodal(80)]) {
      const mean = sum(draws(service)) / 20_000
      expect(mean / 80).toBeGreaterThan(0.96)
      expect(mean / 80).toBeLessThan(1.04)
    }
    const sorted = draws(lognormal(80, 400))
    expect(sorted[10_000]! / 80).toBeCloseTo(1, 1)
    expect(sorted[19_800]! / 400).toBeCloseTo(1, 1)
    expect(() => lognormal(80, 40)).toThrow('lognormal(80, 40)')
  })
})

test('the text has the table and both charts', async () => {
  const events = [{ kind: 'outage', at: 5_000, for: 5_000 }] as const
  const text = whatIfText(await whatIf({ ...calm, events }))
  expect(text).toMatch(/^1 client, 20\.\d s, seed 1\n/)
  expect(text).toMatch(/^outage, 5–10 s +\d+ +\d\.\d % +\d+ +\d\.\d\d +(\d+ s|never)$/m)
  expect(text).toMatch(/^failed +breaker_open \d+/m)
  expect(text.match(/^─{5}x{5}─+$/gm)).toHaveLength(2)
  expect(text).toMatch(/[▁-█]{5} {4}/)
})

test('what is wrong is named, all of it', async () => {
  const wrong = {
    clients: 0,
    duration: -1,
    upstream: { slots: 0, service: -1, abandoned: 'eaten' },
    load: { callers: 0 },
    events: [{ kind: 'flood' }, { kind: 'slow', at: -1, for: 0, factor: 0 }],
  } as unknown as WhatIf
  const failure = whatIf(wrong)
  await expect(failure).rejects.toThrow(ConfigError)
  const named = [
    'clients',
    'duration',
    'upstream.slots',
    'upstream.service',
    'upstream.abandoned',
    'load.callers',
  ]
  for (const name of [...named, 'events[0].kind', 'events[1].at', 'events[1].for', 'events[1].factor']) {
    await expect(failure).rejects.toThrow(`${name} = `)
  }
  await expect(whatIf({ ...calm, lode: 1 } as unknown as WhatIf)).rejects.toThrow('lode')
  await expect(whatIf({ ...calm, client: { timeout: -1 } })).rejects.toThrow('timeout')
  const several = { baseUrl: ['http://a', 'http://b'] } as unknown as NonNullable<WhatIf['client']>
  await expect(whatIf({ ...calm, client: several })).rejects.toThrow('client.baseUrl')
})

/**
 * A server of 30 slots that can do 300 requests a second hangs for 10 s, and has to work off what has piled up. Callers
 * give up after a second and try three times: that alone keeps it drowning for ever.
 */
describe('a metastable outage', { timeout: 30_000 }, () => {
  const hang = (perSecond: number, client: WhatIf['client'], seed: number): WhatIf => ({
    client: { attemptTimeout: 1_000, retry: { attempts: 3 }, ...client },
    clients: 30,
    upstream: { slots: 30, service: exponential(100) },
    load: { perSecond },
    duration: 60_000,
    events: [{ kind: 'hang', at: 20_000, for: 10_000 }],
    seed,
  })
  const greedy = { budget: { start: 1e9, cap: 1e9 }, breaker: false } as const

  test('tries without a budget and a breaker keep it alive for ever', async () => {
    const { events, after, amplification } = await whatIf(hang(280, greedy, 1))
    expect(events[0]!.recovery).toBeUndefined()
    expect(after!.succeeded).toBeLessThan(0.01)
    expect(amplification).toBeGreaterThan(2)
  })

  test.each([
    [240, 1],
    [240, 2],
    [280, 1],
    [280, 2],
  ])('the defaults do not multiply the load: %i a second, seed %i', async (perSecond, seed) => {
    const { amplification, perSecond: seconds } = await whatIf(hang(perSecond, {}, seed))
    const [from, to] = [25, 30] // the breakers need some seconds to see it
    const later = sum(seconds.attempts.slice(from, to)) / sum(seconds.offered.slice(from, to))
    expect(later).toBeLessThanOrEqual(1.1)
    expect(amplification).toBeLessThanOrEqual(1.1)
  })

  test.each([
    [240, 10_000, 1],
    [240, 10_000, 2],
    [280, 15_000, 1],
    [280, 15_000, 2],
  ])('the defaults end it: at %i a second within %i ms, seed %i', async (perSecond, within, seed) => {
    const { events } = await whatIf(hang(perSecond, {}, seed))
    expect(events[0]!.recovery ?? Infinity).toBeLessThanOrEqual(within)
  })
})
