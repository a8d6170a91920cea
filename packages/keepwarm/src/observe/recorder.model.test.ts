/** The recorder beside somebody who writes down every call and every attempt, and counts when he is asked. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { KeepwarmError, type ErrorCode } from '../errors.ts'
import { outcomeNames } from './outcomes.ts'
import { Recorder, type CallVerdict } from './recorder.ts'

const endings = outcomeNames.map((name, index) => (index < 5 ? (index + 1) * 100 + 7 : (name as ErrorCode)))
const origins = ['http://a.test', 'http://b.test'] as const

interface Attempt {
  readonly attempt: number
  readonly begunAt: number
  readonly wiredAt: number
  readonly sentAt: number
  readonly answeredAt: number
  readonly endedAt: number
  readonly slot: null
  readonly why: 'initial' | 'retry' | 'hedge'
  readonly origin: string
  readonly ending: number | ErrorCode
  readonly sent: boolean
}

interface Call {
  readonly startedAt: number
  readonly now: number
  readonly ending: number | ErrorCode
  readonly verdict: CallVerdict
  readonly operation: string | undefined
  readonly attempts: readonly Attempt[]
}

const moment = fc.integer({ min: 0, max: 20_000 })

/** An attempt that begins at 0: its moments are put in order, and the later ones may be missing. */
const attempt = fc
  .record({
    moments: fc.tuple(moment, moment, moment, moment).map((all) => all.toSorted((a, b) => a - b)),
    reached: fc.nat(3),
    ending: fc.constantFrom(...endings),
    origin: fc.constantFrom(...origins),
    isHedge: fc.boolean(),
    sent: fc.boolean(),
  })
  .map(({ moments, reached, ...rest }) => ({
    ...rest,
    moments: moments.map((one, i) => (i < reached ? one : -1)),
    end: moments[3]!,
  }))

const call = fc
  .record({
    startedAt: moment,
    before: fc.nat(1_000),
    after: fc.nat(1_000),
    attempts: fc.array(attempt, { maxLength: 4 }),
    ending: fc.constantFrom(...endings),
    verdict: fc.constantFrom<CallVerdict>('successful', 'failed', 'cancelled'),
    operation: fc.constantFrom(undefined, 'query', 'embed'),
  })
  .map(({ startedAt, before, after, attempts, ending, verdict, operation }): Call => {
    let at = startedAt + before
    const made = attempts.map(({ moments, end, isHedge, ...rest }, index): Attempt => {
      const [wiredAt, sentAt, answeredAt] = moments.map((one) => (one < 0 ? -1 : at + one))
      const begunAt = at
      at += end
      return {
        ...rest,
        ...{
          attempt: index + 1,
          begunAt,
          wiredAt: wiredAt!,
          sentAt: sentAt!,
          answeredAt: answeredAt!,
          endedAt: at,
        },
        slot: null,
        why: index === 0 ? 'initial' : isHedge ? 'hedge' : 'retry',
      }
    })
    return { startedAt, now: at + after, ending, verdict, operation, attempts: made }
  })

function record(recorder: Recorder, { startedAt, now, ending, verdict, operation, attempts }: Call): void {
  recorder.began(startedAt)
  for (const one of attempts) {
    recorder.attemptBegan(one.why, one.begunAt)
    recorder.attemptEnded(one, one.origin, one.ending, one.sent)
  }
  const none = { attempt: 0, begunAt: 0, wiredAt: -1, sentAt: -1, answeredAt: -1, endedAt: -1, slot: null }
  const told = {
    sentAttempts: attempts.length,
    origin: origins[0],
    clock: { startedAt },
    plan: { operation },
    ledger: { stake: attempts.at(-1) ?? none },
  }
  recorder.ended(told, verdict, typeof ending === 'number' ? ending : new KeepwarmError(ending, ending), now)
}

function counts(endings: readonly (number | ErrorCode)[]): Record<string, number> {
  const seen: Record<string, number> = { '1xx': 0, '2xx': 0, '3xx': 0, '4xx': 0, '5xx': 0 }
  for (const ending of endings) {
    const name = typeof ending === 'number' ? `${String(ending)[0]}xx` : ending
    seen[name] = (seen[name] ?? 0) + 1
  }
  return seen
}

/** Where the time went, of the attempt that counted. */
function phases({ startedAt, now, attempts }: Call): readonly number[] {
  const last = attempts.at(-1)
  if (last === undefined) return [now - startedAt, 0, 0, 0, 0, 0]
  const { begunAt, wiredAt, sentAt, answeredAt, endedAt } = last
  const before = begunAt - startedAt
  if (wiredAt < 0) return [before, endedAt - begunAt, 0, 0, 0, 0]
  const queued = wiredAt - begunAt
  if (sentAt < 0) return [before, queued, 0, endedAt - wiredAt, 0, 0]
  if (answeredAt < 0) return [before, queued, 0, sentAt - wiredAt, endedAt - sentAt, 0]
  return [before, queued, 0, sentAt - wiredAt, answeredAt - sentAt, endedAt - answeredAt]
}

const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0)

test('every figure is what counting the list of all calls comes to; after a reset, of those since', () => {
  fc.assert(
    fc.property(fc.array(call, { maxLength: 20 }), fc.array(call, { maxLength: 20 }), (forgotten, calls) => {
      const recorder = new Recorder({ client: 'a', wallClock: () => 1_000 })
      for (const one of forgotten) record(recorder, one)
      if (forgotten.length > 0) recorder.reset()
      for (const one of calls) record(recorder, one)
      const all = calls.flatMap(({ attempts }) => attempts)
      const why = (wanted: string): number => all.filter((one) => one.why === wanted).length
      const figures = recorder.figures()
      expect(figures).toMatchObject({
        calls: {
          ...{ started: calls.length, inFlight: 0, ended: counts(calls.map(({ ending }) => ending)) },
          cancelled: calls.filter(({ verdict }) => verdict === 'cancelled').length,
        },
        attempts: { initial: why('initial'), retry: why('retry'), hedge: why('hedge') },
        attemptsInFlight: 0,
        attemptsEnded: counts(all.map(({ ending }) => ending)),
        histograms: {
          call: { count: calls.length },
          attempt: { count: all.filter(({ sent, wiredAt }) => sent && wiredAt >= 0).length },
          queue: { count: all.length },
        },
      })
      for (const { origin, ended } of figures.attemptsByOrigin)
        expect(ended).toEqual(counts(all.filter((one) => one.origin === origin).map(({ ending }) => ending)))
      const expected = calls.map(phases)
      Object.values(figures.phases).forEach((total, i) =>
        expect(total).toBe(sum(expected.map((one) => one[i]!))),
      )
      const durations = calls.map((one) => one.now - one.startedAt)
      expect(figures.histograms.call.sum).toBeCloseTo(sum(durations) / 1_000, 6)
      expect(recorder.metrics('closed', undefined)).toMatchObject({
        total_requests: calls.length,
        total_attempts: all.length,
        total_duration_ms: sum(durations),
        hedges_sent: why('hedge'),
      })
    }),
  )
})

test('what began is what ended and what is under way, at any moment and across a reset', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(call, fc.boolean()), { maxLength: 20 }), (steps) => {
      const recorder = new Recorder()
      const open: Call[] = []
      for (const [one, ends] of steps) {
        recorder.began(one.startedAt)
        for (const { why, begunAt } of one.attempts) recorder.attemptBegan(why, begunAt)
        open.push(one)
        if (ends) recorder.reset()
        const { calls, attempts, attemptsInFlight, attemptsEnded } = recorder.figures()
        expect(sum(Object.values(calls.ended)) + calls.inFlight).toBe(calls.started)
        expect(calls.inFlight).toBe(open.length)
        expect(sum(Object.values(attemptsEnded)) + attemptsInFlight).toBe(sum(Object.values(attempts)))
      }
    }),
  )
})
