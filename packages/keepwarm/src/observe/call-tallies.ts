/** What a client's calls came to. */
import { createHistogram, type RecordableHistogram } from 'node:perf_hooks'
import type { KeepwarmError } from '../errors.ts'
import { BucketCounts } from './buckets.ts'
import { readPhases, type CallMoments } from './moments.ts'
import { byOutcome, outcomeNames, outcomeNumber } from './outcomes.ts'
import { phaseNames } from './series.ts'
import type { ClientFigures, HistogramSnapshot, PhaseTotals } from './snapshot.ts'

/** 4xx are answers, except where the server refuses to serve; what the caller cancelled is nobody's failure. */
export type CallVerdict = 'successful' | 'failed' | 'cancelled'

/** Microseconds to an hour in two figures: percentiles are within 1 %, for 26 kB. The usual shape takes 350 kB. */
const shape = { lowest: 1, highest: 3_600_000_000, figures: 2 } as const

export class CallTallies {
  started = 0
  inFlight = 0
  readonly verdicts: Record<CallVerdict, number> = { successful: 0, failed: 0, cancelled: 0 }
  /** Those that a time limit ended. */
  timeouts = 0
  /** Attempts of those that ended. */
  attempts = 0
  /** Of all that ended, in ms. */
  duration = 0
  /** Of the one that ended last, by phase, in ms. */
  readonly lastPhases: Float64Array = new Float64Array(phaseNames.length)
  private readonly outcomes = new Float64Array(outcomeNames.length)
  private readonly phases = new Float64Array(phaseNames.length)
  private readonly buckets: BucketCounts
  /** Made with the first end: many clients are never used. */
  private native: RecordableHistogram | undefined

  /** @param bounds of the histogram, in seconds */
  constructor(bounds: readonly number[]) {
    this.buckets = new BucketCounts(bounds)
  }

  began(): void {
    this.started++
    this.inFlight++
  }

  /** @returns how long it took, in ms */
  ended(call: CallMoments, verdict: CallVerdict, ending: KeepwarmError | number, now: number): number {
    const { phases, lastPhases } = this
    const duration = now - call.clock.startedAt
    this.inFlight--
    this.verdicts[verdict]++
    this.outcomes[outcomeNumber(typeof ending === 'number' ? ending : ending.code)]!++
    this.attempts += call.sentAttempts
    this.duration += duration
    this.buckets.add(duration)
    this.native ??= createHistogram(shape)
    this.native.record(Math.min(shape.highest, Math.max(1, Math.round(duration * 1_000))))
    readPhases(call, now, lastPhases)
    for (let i = 0; i < phases.length; i++) phases[i]! += lastPhases[i]!
    if (typeof ending !== 'number' && isTimeout(ending)) this.timeouts++
    return duration
  }

  get total(): number {
    return this.started - this.inFlight
  }

  /** Those that an open breaker refused. */
  get refused(): number {
    return this.outcomes[outcomeNumber('breaker_open')]!
  }

  figures(): ClientFigures['calls'] {
    const { started, inFlight, outcomes, verdicts } = this
    return { started, inFlight, ended: byOutcome(outcomes), cancelled: verdicts.cancelled }
  }

  phaseTotals(): PhaseTotals {
    const pairs = phaseNames.map((name, index) => [name, this.phases[index]!])
    return Object.fromEntries(pairs) as PhaseTotals
  }

  histogram(): HistogramSnapshot {
    return this.buckets.snapshot()
  }

  /** Of durations, in ms. */
  percentile(percent: number): number {
    const { native } = this
    return native === undefined || native.count === 0 ? 0 : native.percentile(percent) / 1_000
  }

  /** Those that are under way have begun, all the same. */
  reset(): void {
    this.started = this.inFlight
    Object.assign(this.verdicts, { successful: 0, failed: 0, cancelled: 0 })
    this.timeouts = this.attempts = this.duration = 0
    this.outcomes.fill(0)
    this.phases.fill(0)
    this.buckets.reset()
    this.native?.reset()
  }
}

function isTimeout({ code, cause }: KeepwarmError): boolean {
  if (code === 'connect') return (cause as { code?: unknown } | undefined)?.code === 'UND_ERR_CONNECT_TIMEOUT'
  return code === 'acquire_timeout' || code === 'attempt_timeout' || code === 'deadline'
}
