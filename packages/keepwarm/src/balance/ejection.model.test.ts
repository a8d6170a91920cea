/** Random lives of a few endpoints, held against a slow machine that keeps a list of everything. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Ejection, OutlierRecord } from './ejection.ts'
import { ejectionDefaults } from './options.ts'

const settings = {
  ...ejectionDefaults,
  failures: 3,
  connectFailures: 2,
  minimumRequests: 4,
  minimumEndpoints: 3,
}
const interval = settings.interval

interface SlowHost {
  /** Everything that ended since it takes part. */
  endings: { ok: boolean; connect: boolean; interval: number; number: number }[]
  out: { until: number } | undefined
  times: number
  since: number
}

class SlowEjection {
  readonly hosts: SlowHost[]
  private ends: number | undefined
  private interval = 0
  private ended = 0

  constructor(count: number) {
    this.hosts = Array.from({ length: count }, () => ({
      endings: [],
      out: undefined,
      times: 0,
      since: -Infinity,
    }))
  }

  get most(): number {
    const { length } = this.hosts
    return Math.max(1, Math.floor(length * (length < 10 ? 0.5 : 0.1)))
  }

  private get out(): number {
    return this.hosts.filter(({ out }) => out !== undefined).length
  }

  look(now: number, random: number): void {
    for (const host of this.hosts) {
      if (host.out === undefined || host.out.until > now) continue
      Object.assign(host, { endings: [], since: host.out.until, out: undefined })
    }
    if (this.ends === undefined) this.ends = now + interval
    else if (now >= this.ends) {
      if (now < this.ends + interval) this.compare(now, random)
      this.interval++
      this.ends = now + interval
    }
  }

  end(index: number, ok: boolean, connect: boolean, now: number, random: number): void {
    this.look(now, random)
    const host = this.hosts[index]!
    if (host.out !== undefined) return
    host.endings.push({ ok, connect, interval: this.interval, number: this.ended++ })
    const lastGood = host.endings.findLastIndex((ending) => ending.ok)
    const lastConnected = host.endings.findLastIndex((ending) => !ending.connect)
    const inARow = host.endings.length - 1 - lastGood
    const unconnected = host.endings.length - 1 - lastConnected
    if (ok || !(inARow >= 3 || unconnected >= 2) || this.out >= this.most) return
    this.eject(host, now, random)
  }

  private eject(host: SlowHost, now: number, random: number): void {
    host.times = Math.max(0, host.times - Math.floor((now - host.since) / interval)) + 1
    host.out = { until: now + Math.min(300_000, 10_000 * host.times) * (0.75 + random / 4) }
  }

  private compare(now: number, random: number): void {
    const rated = this.hosts
      .map((host) => ({ host, recent: host.endings.filter((ending) => ending.interval === this.interval) }))
      .filter(({ recent }) => recent.length >= 4)
      // Of those that are equally bad, the one goes that first had enough requests.
      .toSorted((a, b) => a.recent[3]!.number - b.recent[3]!.number)
      .map(({ host, recent }) => ({ host, rate: recent.filter(({ ok }) => ok).length / recent.length }))
    if (rated.length < 3) return
    const mean = rated.reduce((sum, { rate }) => sum + rate, 0) / rated.length
    const sigma = Math.sqrt(rated.reduce((sum, { rate }) => sum + (rate - mean) ** 2, 0) / rated.length)
    const limit = Math.min(mean - 1.9 * sigma, mean - 0.05)
    const bad = rated.filter(({ host, rate }) => host.out === undefined && rate < limit)
    for (const { host } of bad.toSorted((a, b) => a.rate - b.rate)) {
      if (this.out < this.most) this.eject(host, now, (random + this.out * 0.61803398875) % 1)
    }
  }
}

const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })
/** Some endpoints fail more often than others, and each a few times together. */
const step = fc.oneof(
  {
    weight: 9,
    arbitrary: fc.record({
      kind: fc.constant('end' as const),
      which: fc.nat(),
      luck: fc.integer({ min: 0, max: 9 }),
      connect: fc.boolean(),
      times: fc.integer({ min: 1, max: 8 }),
      random: chance,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('wait' as const),
      time: fc.integer({ min: 0, max: 12_000 }),
      random: chance,
    }),
  },
)

test('ejection does what the slow machine does, in any life, and never ejects more than it may', () => {
  const reached = { failures: 0, rates: 0, returns: 0, spared: 0 }
  const life = fc.tuple(
    fc.integer({ min: 2, max: 12 }),
    fc.array(step, { minLength: 60, maxLength: 300, size: 'max' }),
  )
  fc.assert(
    fc.property(life, ([count, steps]) => {
      const hosts = Array.from({ length: count }, (_, index) => ({ index, outlier: new OutlierRecord() }))
      const slow = new SlowEjection(count)
      const ejection = new Ejection<(typeof hosts)[number]>(settings, {
        ejected: ({ outlier }) => reached[outlier.forFailures ? 'failures' : 'rates']++,
        readmitted: () => reached.returns++,
      })
      ejection.resize(count)
      let now = 0
      for (const each of steps) {
        if (each.kind === 'wait') {
          now += each.time
          ejection.look(now, each.random)
          slow.look(now, each.random)
        } else {
          const index = each.which % count
          const ok = each.luck > (index === 0 ? 6 : 1)
          for (let i = 0; i < each.times; i++) {
            const host = hosts[index]!
            const connect = !ok && each.connect
            if (ok) ejection.succeeded(host, now, each.random)
            else ejection.failed(host, connect, now, each.random)
            slow.end(index, ok, connect, now, each.random)
            if (ejection.isFailing(host) && !host.outlier.ejected) reached.spared++
          }
        }
        expect(hosts.map(({ outlier }) => (outlier.ejected ? outlier.ejectedUntil : undefined))).toEqual(
          slow.hosts.map(({ out }) => out?.until),
        )
        expect(ejection.count).toBeLessThanOrEqual(slow.most)
      }
    }),
    { numRuns: 300 },
  )
  // Lives without events would prove nothing.
  for (const [what, times] of Object.entries(reached)) expect([what, times >= 50]).toEqual([what, true])
})
