/** Random lives of a breaker, held against a slow machine that keeps a list of everything. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Verdict } from './judge.ts'
import { Breaker, REFUSED } from './machine.ts'

const options = { minimumCompletions: 4, connectFailures: 3, probes: 2, probeTimeout: 8_000 }

class SlowBreaker {
  state = 'closed'
  opened = 0
  rejected = 0
  openUntil = 0
  private era = 0
  private history: { at: number; failed: boolean; connect: boolean }[] = []
  private successes = 0
  private reopenings = 0
  private closedAt: number | undefined
  private probes = new Map<object, number>()

  /** A permit is an object of its own: nothing can be mistaken for it. */
  admit(now: number): { era: number } | undefined {
    this.pass(now)
    const permit = { era: this.era }
    if (this.state === 'closed') return permit
    const underWay = [...this.probes].filter(([, since]) => now - since < options.probeTimeout)
    if (this.state === 'half-open' && underWay.length < options.probes) {
      this.probes = new Map(underWay).set(permit, now)
      return permit
    }
    this.rejected++
    return undefined
  }

  settle(permit: { era: number }, verdict: Verdict, now: number, connect: boolean, random: number): void {
    this.pass(now)
    this.probes.delete(permit)
    if (permit.era !== this.era || verdict === 'ignored') return
    if (this.state === 'half-open') this.probed(verdict, now, random)
    else this.counted({ at: now, failed: verdict === 'failure', connect }, random)
  }

  pass(now: number): void {
    if (this.state !== 'open' || now < this.openUntil) return
    this.change('half-open')
    this.successes = 0
    this.probes = new Map()
  }

  private probed(verdict: Verdict, now: number, random: number): void {
    if (verdict === 'failure') {
      this.reopenings++
      this.trip(now, random)
    } else if (++this.successes === options.probes) {
      this.change('closed')
      this.closedAt = now
      this.history = []
    }
  }

  private counted(completion: { at: number; failed: boolean; connect: boolean }, random: number): void {
    this.history.push(completion)
    const now = completion.at
    const second = (at: number): number => Math.floor(at / 1_000)
    const recent = this.history.filter(({ at }) => second(now) - second(at) < 10)
    const failures = recent.filter(({ failed }) => failed).length
    const lastOnes = this.history.slice(-options.connectFailures)
    const dead =
      lastOnes.length === options.connectFailures && lastOnes.every((one) => one.failed && one.connect)
    const many = recent.length >= options.minimumCompletions && failures * 2 >= recent.length
    if (!completion.failed || !(dead || many)) return
    const forgotten = this.closedAt === undefined ? Infinity : Math.floor((now - this.closedAt) / 10_000)
    this.reopenings = Math.max(0, this.reopenings + 1 - forgotten)
    this.trip(now, random)
  }

  private trip(now: number, random: number): void {
    this.change('open')
    this.opened++
    const doublings = Math.max(0, this.reopenings - 2)
    this.openUntil = now + Math.min(60_000, 5_000 * 2 ** doublings) * (0.75 + 0.25 * random)
  }

  private change(state: string): void {
    this.state = state
    this.era++
  }
}

/** The server has good and bad weather; in both, a few calls end against it. */
const verdicts = {
  good: ['success', 'success', 'success', 'success', 'failure', 'ignored'],
  bad: ['failure', 'failure', 'failure', 'failure', 'success', 'ignored'],
} as const

const kind = <K extends string>(name: K): fc.Arbitrary<K> => fc.constant(name)
const step = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: kind('admit') }) },
  {
    weight: 8,
    arbitrary: fc.record({
      kind: kind('settle'),
      which: fc.nat(),
      luck: fc.integer({ min: 0, max: 5 }),
      connect: fc.boolean(),
      random: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: kind('wait'), time: fc.integer({ min: 0, max: 15_000 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: kind('weather'), next: fc.constantFrom('good', 'bad') }) },
)

test('a breaker does what the slow machine does, in any life', () => {
  const reached = { opened: 0, closed: 0, rejected: 0 }
  fc.assert(
    fc.property(fc.array(step, { minLength: 50, maxLength: 300, size: 'max' }), (steps) => {
      const breaker = new Breaker(options)
      const slow = new SlowBreaker()
      const underWay: { permit: number; slowPermit: { era: number } }[] = []
      let now = 0
      let weather: keyof typeof verdicts = 'bad'
      for (const each of steps) {
        if (each.kind === 'wait') now += each.time
        else if (each.kind === 'weather') weather = each.next
        else if (each.kind === 'admit') {
          const permit = breaker.admit(now)
          const slowPermit = slow.admit(now)
          expect(permit !== REFUSED).toBe(slowPermit !== undefined)
          if (slowPermit === undefined) reached.rejected++
          else underWay.push({ permit, slowPermit })
        } else {
          const [call] = underWay.splice(each.which % Math.max(1, underWay.length), 1)
          const verdict = verdicts[weather][each.luck]
          if (call === undefined || verdict === undefined) continue
          slow.pass(now)
          const before = slow.state
          slow.settle(call.slowPermit, verdict, now, each.connect, each.random)
          const change = breaker.settle(call.permit, verdict, now, each.connect, each.random)
          expect(change).toBe(slow.state === before ? undefined : slow.state === 'open' ? 'opened' : 'closed')
          if (change !== undefined) reached[change]++
        }
        slow.pass(now)
        expect(breaker.state(now)).toBe(slow.state)
        expect(breaker.retryAfter(now)).toBe(slow.state === 'open' ? slow.openUntil - now : undefined)
        expect([breaker.opened, breaker.rejected]).toEqual([slow.opened, slow.rejected])
      }
    }),
    { numRuns: 500 },
  )
  // Lives that never leave `closed` would prove nothing.
  expect(Math.min(reached.opened, reached.closed, reached.rejected)).toBeGreaterThan(100)
})
