/** Random lives of a breaker, held against a slow machine that keeps a list of everything. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { OutcomeKind } from '../outcome.ts'
import type { ForceHandle } from './forcing.ts'
import { Breaker, REFUSED } from './machine.ts'

const options = {
  minimumCompletions: 4,
  connectFailures: 3,
  probes: 2,
  probeTimeout: 8_000,
  rampFor: 4_000,
  slowAfter: 1_000,
}

interface SlowPermit {
  readonly era: number
}

interface Told {
  readonly outcome: OutcomeKind
  readonly connect: boolean
  readonly random: number
  readonly retryAfter: number | undefined
}

class SlowBreaker {
  opened = 0
  rejected: Record<string, number> = { open: 0, probes_busy: 0, ramp: 0, forced_open: 0 }
  openUntil = 0
  reopenings = 0
  own = 'closed'
  readonly hands: ('open' | 'closed')[] = []
  private era = 0
  private history: { at: number; failed: boolean; connect: boolean }[] = []
  private successes = 0
  private closedAt: number | undefined
  private rampFrom: number | undefined
  /** What the calls since the last that went have paid in. */
  private paid = 0
  private out = new Set<SlowPermit>()
  private probes = new Map<SlowPermit, number>()

  get held(): 'open' | 'closed' | undefined {
    return this.hands.includes('open') ? 'open' : this.hands.length > 0 ? 'closed' : undefined
  }

  get state(): string {
    return this.held ?? this.own
  }

  /** A permit is an object of its own: nothing can be mistaken for it. */
  admit(now: number): SlowPermit | undefined {
    this.pass(now)
    const why = this.refusal(now)
    const permit = { era: this.era }
    if (this.own === 'closed' && this.share(now) < 1 && (why === undefined || why === 'ramp')) {
      this.paid += this.share(now)
      this.paid = why === undefined ? Math.max(0, this.paid - 1) : Math.min(1, this.paid)
    }
    if (why === undefined) {
      if (this.own === 'closed') this.out.add(permit)
      else this.probes = new Map(this.probesUnderWay(now)).set(permit, now)
      return permit
    }
    this.rejected[why]!++
    return undefined
  }

  refusal(now: number): string | undefined {
    if (this.held !== undefined) return this.held === 'open' ? 'forced_open' : undefined
    if (this.own === 'open') return 'open'
    if (this.own === 'half-open')
      return this.probesUnderWay(now).length < options.probes ? undefined : 'probes_busy'
    const share = this.share(now)
    return share === 1 || this.out.size === 0 || this.paid + share > 0.999_999 ? undefined : 'ramp'
  }

  release(permit: SlowPermit, now: number): void {
    this.pass(now)
    this.probes.delete(permit)
    if (!this.out.delete(permit)) return
    if (this.own === 'closed' && this.share(now) < 1) this.paid = 1
  }

  settle(permit: SlowPermit, { outcome, connect, random, retryAfter }: Told, now: number): void {
    this.pass(now)
    this.probes.delete(permit)
    this.out.delete(permit)
    if (permit.era !== this.era || outcome === 'ignored' || outcome === 'overload') return
    const failed = outcome === 'failure' || outcome === 'slow'
    if (this.own === 'half-open') this.probed(failed, now, random, retryAfter)
    else this.counted({ at: now, failed, connect }, random, retryAfter)
  }

  pass(now: number): void {
    if (this.own === 'open' && now >= this.openUntil) {
      this.change('half-open')
      this.successes = 0
      this.probes = new Map()
    }
    if (this.held === 'closed' && this.own !== 'closed') {
      this.close(now)
      this.rampFrom = undefined
    }
  }

  share(now: number): number {
    if (this.rampFrom === undefined || now - this.rampFrom >= options.rampFor) return 1
    return Math.max(0.1, (now - this.rampFrom) / options.rampFor)
  }

  /** Another process goes on: what is under way here does not count there. */
  begunAnew(): void {
    this.era++
    this.probes = new Map()
    this.out = new Set()
  }

  private probesUnderWay(now: number): [SlowPermit, number][] {
    return [...this.probes].filter(([, since]) => now - since < options.probeTimeout)
  }

  private probed(failed: boolean, now: number, random: number, retryAfter: number | undefined): void {
    if (failed) {
      this.reopenings++
      this.trip(now, random, retryAfter)
    } else if (++this.successes === options.probes) this.close(now)
  }

  private close(now: number): void {
    this.change('closed')
    this.closedAt = this.rampFrom = now
    this.paid = 0
    this.out = new Set()
    this.history = []
  }

  private counted(
    completion: { at: number; failed: boolean; connect: boolean },
    random: number,
    retryAfter: number | undefined,
  ): void {
    this.history.push(completion)
    const now = completion.at
    const second = (at: number): number => Math.floor(at / 1_000)
    const recent = this.history.filter(({ at }) => second(now) - second(at) < 10)
    const failures = recent.filter(({ failed }) => failed).length
    const lastOnes = this.history.slice(-options.connectFailures)
    const dead =
      lastOnes.length === options.connectFailures && lastOnes.every((one) => one.failed && one.connect)
    const many = recent.length >= options.minimumCompletions && failures * 2 >= recent.length
    if (!completion.failed || !(dead || many) || this.held === 'closed') return
    const forgotten = this.closedAt === undefined ? Infinity : Math.floor((now - this.closedAt) / 10_000)
    this.reopenings = Math.max(0, this.reopenings + 1 - forgotten)
    this.trip(now, random, retryAfter)
  }

  private trip(now: number, random: number, retryAfter: number | undefined): void {
    this.change('open')
    this.opened++
    const doublings = Math.max(0, this.reopenings - 2)
    const own = Math.min(60_000, 5_000 * 2 ** doublings) * (0.75 + 0.25 * random)
    const asked = retryAfter === undefined ? 0 : retryAfter + Math.min(1_000, 0.1 * retryAfter) * random
    this.openUntil = now + Math.max(own, Math.min(asked, 60_000))
  }

  private change(state: string): void {
    this.own = state
    this.era++
  }
}

/** The server has good and bad weather; in both, a few calls end against it. */
const outcomes = {
  good: ['success', 'success', 'success', 'success', 'success', 'failure', 'ignored', 'overload'],
  bad: ['failure', 'failure', 'failure', 'failure', 'slow', 'success', 'ignored', 'overload'],
} as const

const kind = <K extends string>(name: K): fc.Arbitrary<K> => fc.constant(name)
const step = fc.oneof(
  { weight: 40, arbitrary: fc.record({ kind: kind('admit') }) },
  {
    weight: 32,
    arbitrary: fc.record({
      kind: kind('settle'),
      which: fc.nat(),
      luck: fc.integer({ min: 0, max: 7 }),
      connect: fc.boolean(),
      random: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      retryAfter: fc.option(fc.integer({ min: 0, max: 90_000 }), { nil: undefined, freq: 4 }),
    }),
  },
  { weight: 4, arbitrary: fc.record({ kind: kind('release'), which: fc.nat() }) },
  { weight: 8, arbitrary: fc.record({ kind: kind('wait'), time: fc.integer({ min: 0, max: 9_000 }) }) },
  { weight: 4, arbitrary: fc.record({ kind: kind('weather'), next: fc.constantFrom('good', 'bad') }) },
  { weight: 1, arbitrary: fc.record({ kind: kind('force'), to: fc.constantFrom('open', 'closed') }) },
  { weight: 3, arbitrary: fc.record({ kind: kind('letGo') }) },
  { weight: 1, arbitrary: fc.record({ kind: kind('move') }) },
)

type Step = typeof step extends fc.Arbitrary<infer S> ? S : never

/** A breaker and its slow double, and what is under way in both. */
class Life {
  readonly slow = new SlowBreaker()
  readonly reached = { opened: 0, closed: 0, open: 0, probes_busy: 0, ramp: 0, forced_open: 0, moved: 0 }
  private breaker = new Breaker(options)
  private underWay: { permit: number; slowPermit: SlowPermit }[] = []
  private readonly handles: ForceHandle[] = []
  private now = 0
  private weather: keyof typeof outcomes = 'bad'

  go(each: Step): void {
    if (each.kind === 'wait') this.now += each.time
    else if (each.kind === 'weather') this.weather = each.next
    else if (each.kind === 'admit') this.admit()
    else if (each.kind === 'force') this.force(each.to)
    else if (each.kind === 'letGo') this.letGo()
    else if (each.kind === 'move') this.move()
    else this.comesBack(each)
    this.compare()
  }

  private admit(): void {
    const { slow, now } = this
    slow.pass(now)
    const why = slow.refusal(now)
    expect(this.breaker.check(now)).toBe(why)
    const permit = this.breaker.admit(now)
    const slowPermit = slow.admit(now)
    expect(permit !== REFUSED).toBe(slowPermit !== undefined)
    if (slowPermit !== undefined) this.underWay.push({ permit, slowPermit })
    else this.reached[why as 'open']++
  }

  private comesBack(each: Extract<Step, { kind: 'settle' | 'release' }>): void {
    const { slow, now, breaker } = this
    const [call] = this.underWay.splice(each.which % Math.max(1, this.underWay.length), 1)
    if (call === undefined) return
    if (each.kind === 'release') {
      slow.release(call.slowPermit, now)
      return breaker.release(call.permit, now)
    }
    const outcome = outcomes[this.weather][each.luck]!
    slow.pass(now)
    const before = slow.own
    slow.settle(call.slowPermit, { ...each, outcome }, now)
    const { connect, random, retryAfter } = each
    const change = breaker.settle(call.permit, outcome, now, connect, random, 'sick', retryAfter)
    const expected = slow.own === before ? undefined : slow.own === 'open' ? 'opened' : 'closed'
    expect(change).toBe(expected)
    if (change !== undefined) this.reached[change]++
  }

  private force(to: 'open' | 'closed'): void {
    this.slow.hands.push(to)
    this.handles.push(this.breaker.force(to))
  }

  private letGo(): void {
    this.slow.hands.shift()
    const handle = this.handles.shift()
    handle?.dispose()
    handle?.dispose() // a second time does nothing
  }

  /** Another process takes over, whose clock begins somewhere else. (By whole buckets, so that the windows agree.) */
  private move(): void {
    const { slow, now } = this
    slow.pass(now)
    if (slow.hands.length > 0) return
    const saved = JSON.parse(JSON.stringify(this.breaker.exportState(now))) as ReturnType<
      Breaker['exportState']
    >
    const far = now + 1e9
    const other = new Breaker(options)
    other.importState(saved, far)
    expect(other.exportState(far)).toEqual({ ...saved, openFor: expect.closeTo(saved.openFor, 3) as number })
    this.breaker.importState(saved, now)
    slow.begunAnew()
    this.reached.moved++
  }

  private compare(): void {
    const { slow, breaker, now } = this
    slow.pass(now)
    expect(breaker.state(now)).toBe(slow.state)
    const waits = slow.own === 'open' && slow.held === undefined
    if (waits) expect(breaker.retryAfter(now)).toBeCloseTo(slow.openUntil - now, 6)
    else expect(breaker.retryAfter(now)).toBeUndefined()
    const rejected = Object.values(slow.rejected).reduce((sum, count) => sum + count, 0)
    expect([breaker.opened, breaker.rejected]).toEqual([slow.opened, rejected])
    const { forced, reopenings, rejected: byReason, admittedShare } = breaker.snapshot(now)
    expect([forced, reopenings, byReason]).toEqual([slow.held ?? null, slow.reopenings, slow.rejected])
    expect(admittedShare).toBe(slow.state === 'closed' ? slow.share(now) : 0)
  }
}

test('a breaker does what the slow machine does, in any life', () => {
  const reached: Record<string, number> = {}
  fc.assert(
    fc.property(fc.array(step, { minLength: 50, maxLength: 300, size: 'max' }), (steps) => {
      const life = new Life()
      for (const each of steps) life.go(each)
      for (const [what, times] of Object.entries(life.reached)) reached[what] = (reached[what] ?? 0) + times
    }),
    { numRuns: 500, seed: 51 },
  )
  // Lives that never leave `closed` would prove nothing.
  expect(Math.min(...Object.values(reached)), JSON.stringify(reached)).toBeGreaterThan(100)
})
