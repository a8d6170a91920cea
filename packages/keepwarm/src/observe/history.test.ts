import fc from 'fast-check'
import { expect, test } from 'vitest'
import { History, HISTORY_SECONDS, type Gauges, type HistorySlice } from './history.ts'
import { outcomeNames } from './outcomes.ts'
import { FIRST_UNCOUNTED, phaseNames, seriesNames, type SeriesName } from './series.ts'

const calm: Gauges = {
  ...{ inUse: 1, idle: 2, dialing: 0, waiting: 0, oldestWait: 0, limit: 20, breaker: 0 },
  ...{ opened: 3, closed: 1 },
}
const ok = outcomeNames.indexOf('2xx')
const none = new Float64Array(phaseNames.length)

/** A history over a clock of its own, whose wall may be set. */
class Bench {
  now = 0
  wall = 1_700_000_000_250
  gauges: Gauges = calm
  readonly history = new History(
    () => this.wall,
    () => this.gauges,
  )

  pass(ms: number): this {
    this.now += ms
    this.wall += ms
    return this
  }

  call(outcome: number = ok, duration: number = 10, phases: Float64Array = none): this {
    this.history.touch(this.now)
    this.history.ended(outcome, duration, phases)
    return this
  }

  slice(since: number = 0): HistorySlice {
    return this.history.slice('a', since, this.now)
  }
}

test('a second is shown when it is over, and not before', () => {
  const bench = new Bench().call().call()
  expect(bench.slice()).toMatchObject({ version: 1, client: 'a', from: 1_700_000_000, seconds: 0 })
  bench.pass(749)
  expect(bench.slice().seconds).toBe(0)
  bench.pass(1)
  expect(bench.slice()).toMatchObject({ from: 1_700_000_000, seconds: 1, series: { ok: [2] } })
})

test('a quiet second has counts of nothing; what is seldom looked at is not known then', () => {
  const { series, seconds } = new Bench().call().pass(3_000).call().pass(1_000).slice()
  expect(seconds).toBe(4)
  expect(series).toMatchObject({ ok: [1, 0, 0, 1], attempts: [0, 0, 0, 0] })
  expect(series.p50).toMatchObject([expect.closeTo(10, 0), null, null, expect.closeTo(10, 0)])
  expect(series.inUse).toEqual([1, null, null, 1])
  expect(series.before).toEqual([0, null, null, 0])
})

test('phases are means of a call', () => {
  const bench = new Bench()
  bench.call(ok, 30, Float64Array.of(0, 10, 4, 0, 20, 0)).call(ok, 0)
  const { series } = bench.pass(1_000).slice()
  expect([series.queued, series.connect, series.headers, series.before]).toEqual([[5], [2], [10], [0]])
})

test('percentiles are those of a second alone', () => {
  const bench = new Bench().call(ok, 500).pass(1_000).call(ok, 20).pass(1_000)
  const { p50, p95, p99 } = bench.slice().series
  for (const column of [p50, p95, p99]) expect(Math.round(column[1]!)).toBe(20)
})

test('connections are counted in the second in which they are noticed', () => {
  const bench = new Bench().call()
  bench.gauges = { ...calm, opened: 5, closed: 2 }
  bench.pass(1_000).call()
  expect(bench.pass(1_000).slice().series).toMatchObject({ opened: [0, 2], closed: [0, 1] })
})

test('a gauge is what was seen last in that second, and looked at ten times a second at most', () => {
  const bench = new Bench()
  let looks = 0
  const history = new History(
    () => bench.wall,
    () => ({ ...calm, waiting: ++looks }),
  )
  for (let i = 0; i < 700; i++) {
    history.touch(bench.now)
    bench.pass(1)
  }
  expect(looks).toBe(7)
  expect(history.slice('a', 0, bench.pass(500).now).series.waiting).toEqual([7])
})

test('slices that begin where the last one ended are the whole', () => {
  const bench = new Bench()
  const seen: (number | null)[] = []
  let next = 0
  for (let i = 0; i < 40; i++) {
    for (let call = 0; call < i % 4; call++) bench.call()
    bench.pass(330 * (i % 7))
    const slice = bench.slice(next)
    seen.push(...slice.series.ok)
    next = slice.from + slice.seconds
  }
  expect(seen).toEqual(bench.slice().series.ok)
})

test('after a long pause the quarter of an hour before now is what is known', () => {
  const bench = new Bench().call().pass(5_000_000).call().pass(1_000)
  const { from, seconds, series } = bench.slice()
  expect(seconds).toBe(HISTORY_SECONDS)
  expect(from + seconds).toBe(Math.floor(bench.wall / 1_000))
  expect(series.ok).toEqual([...Array.from({ length: HISTORY_SECONDS - 1 }, () => 0), 1])
  expect(series.p99.slice(0, -1).every((value) => value === null)).toBe(true)
})

test('a clock that is set back a little goes on in the same second; further back the history begins anew', () => {
  const bench = new Bench().call().pass(1_000).call()
  bench.wall -= 1_500
  bench.pass(1_000).call()
  bench.pass(1_500)
  expect(bench.slice().series.ok).toEqual([1, 2])
  bench.wall -= 4_000
  bench.pass(1_000).call()
  expect(bench.slice().seconds).toBe(0)
  expect(bench.pass(1_000).slice()).toMatchObject({ seconds: 1, series: { ok: [1] } })
})

test('a machine that slept: the seconds of its sleep are there, and empty', () => {
  const bench = new Bench().call()
  bench.wall += 60_000
  bench.pass(1_000).call()
  const { series } = bench.pass(1_000).slice()
  expect(series.ok).toEqual([1, ...Array.from({ length: 60 }, () => 0), 1])
})

type Step =
  | { readonly do: 'call'; readonly outcome: number; readonly duration: number }
  | { readonly do: 'begin'; readonly why: 'initial' | 'retry' | 'hedge' }
  | { readonly do: 'pass'; readonly ms: number }
  | { readonly do: 'jump'; readonly ms: number }

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('call' as const),
      outcome: fc.nat(outcomeNames.length - 1),
      duration: fc.double({ min: 0, max: 50_000, noNaN: true }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('begin' as const),
      why: fc.constantFrom('initial' as const, 'retry' as const, 'hedge' as const),
    }),
  },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('pass' as const), ms: fc.nat(1_500) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('pass' as const), ms: fc.nat(2_000_000) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('jump' as const),
      ms: fc.integer({ min: 1_000, max: 1_500_000 }),
    }),
  },
)

/** Every second that is over, by what was written down while it ran. */
class NaiveRows {
  private readonly written: { readonly second: number; readonly column: SeriesName }[] = []
  private first: number | undefined

  /** The second in which something is written: time runs on with the steady clock until that says that a second is over. */
  write(second: number, column?: SeriesName): void {
    this.first ??= second
    if (column !== undefined) this.written.push({ second, column })
  }

  rows(column: SeriesName, current: number): number[] {
    const from = Math.max(this.first ?? current, current - HISTORY_SECONDS)
    return Array.from(
      { length: current - from },
      (_, i) => this.written.filter((one) => one.second === from + i && one.column === column).length,
    )
  }
}

test('a history is the list of what happened, by second, whatever the clocks do', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const bench = new Bench()
      const naive = new NaiveRows()
      const second = (): number => Math.floor(bench.wall / 1_000)
      for (const one of steps) {
        if (one.do === 'pass') bench.pass(one.ms)
        else if (one.do === 'jump') {
          // It is noticed when the second that runs is over.
          bench.wall += one.ms
          bench.pass(1_000)
        } else if (one.do === 'call') {
          bench.call(one.outcome, one.duration)
          naive.write(second(), seriesOf(outcomeNames[one.outcome]!))
        } else {
          bench.history.touch(bench.now)
          bench.history.began(one.why)
          naive.write(second(), 'attempts')
          if (one.why !== 'initial') naive.write(second(), one.why === 'retry' ? 'retries' : 'hedges')
        }
      }
      const { series, seconds, from } = bench.slice()
      naive.write(second())
      expect(from + seconds).toBe(second())
      for (const name of seriesNames.slice(0, FIRST_UNCOUNTED)) {
        if (name === 'opened' || name === 'closed') continue
        expect([name, series[name]]).toEqual([name, naive.rows(name, second())])
      }
      for (const values of Object.values(series)) expect(values).toHaveLength(seconds)
    }),
    { numRuns: 200 },
  )
})

function seriesOf(outcome: string): SeriesName {
  const named: Readonly<Record<string, SeriesName>> = {
    ...{ '1xx': 'ok', '2xx': 'ok', '3xx': 'ok', '4xx': 'c4xx', '5xx': 'c5xx' },
    ...{ connect: 'connection', reset: 'connection', protocol: 'connection' },
    ...{ attempt_timeout: 'timeout', deadline: 'timeout' },
    ...{ queue_full: 'refused', acquire_timeout: 'refused' },
    ...{ breaker_open: 'breaker_open', aborted: 'cancelled' },
  }
  return named[outcome] ?? 'other'
}
