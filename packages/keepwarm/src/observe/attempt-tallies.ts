/** What a client's attempts came to, by the origin that they went to. */
import type { ErrorCode } from '../errors.ts'
import { BucketCounts, sumOf } from './buckets.ts'
import { waitOf, type AttemptMoments } from './moments.ts'
import { byOutcome, outcomeNames, outcomeNumber } from './outcomes.ts'
import type { AttemptsOfOrigin, HistogramSnapshot } from './snapshot.ts'

/** So many origins are told apart. */
const MOST = 64
/** Under which all further ones are counted. */
const OTHERS = '(others)'

/** Of one origin. */
class Tally {
  readonly ended = new Float64Array(outcomeNames.length)
  readonly attempts: BucketCounts
  readonly waits: BucketCounts

  constructor(bounds: readonly number[]) {
    this.attempts = new BucketCounts(bounds)
    this.waits = new BucketCounts(bounds)
  }
}

export class AttemptTallies {
  private readonly bounds: readonly number[]
  private readonly tallies = new Map<string, Tally>()
  /** Most clients have one origin, and then there is nothing to look up. */
  private lastOrigin: string | undefined
  private lastTally: Tally

  /** @param bounds of histograms, in seconds */
  constructor(bounds: readonly number[]) {
    this.bounds = bounds
    this.lastTally = new Tally(bounds)
  }

  /** @param sent whether a byte of it may have reached the server */
  ended(attempt: AttemptMoments, origin: string, ending: ErrorCode | number, sent: boolean): void {
    if (origin !== this.lastOrigin) this.lastTally = this.of(origin)
    this.lastOrigin = origin
    const tally = this.lastTally
    tally.ended[outcomeNumber(ending)]!++
    tally.waits.add(waitOf(attempt))
    if (sent && attempt.wiredAt >= 0) tally.attempts.add(attempt.endedAt - attempt.wiredAt)
  }

  /** How those of all origins ended. */
  get allEnded(): ReturnType<typeof byOutcome> {
    const sums = new Float64Array(outcomeNames.length)
    for (const { ended } of this.tallies.values()) {
      for (let i = 0; i < sums.length; i++) sums[i]! += ended[i]!
    }
    return byOutcome(sums)
  }

  /** Of all origins. */
  histograms(): { readonly attempt: HistogramSnapshot; readonly queue: HistogramSnapshot } {
    const all = [...this.tallies.values()]
    const { bounds } = this
    return {
      attempt: sumOf(
        bounds,
        all.map(({ attempts }) => attempts),
      ),
      queue: sumOf(
        bounds,
        all.map(({ waits }) => waits),
      ),
    }
  }

  byOrigin(): AttemptsOfOrigin[] {
    return Array.from(this.tallies, ([origin, { ended, attempts, waits }]) => ({
      origin,
      ended: byOutcome(ended),
      attempt: attempts.snapshot(),
      queue: waits.snapshot(),
    }))
  }

  reset(): void {
    this.tallies.clear()
    this.lastOrigin = undefined
  }

  private of(origin: string): Tally {
    const name = this.tallies.has(origin) || this.tallies.size < MOST ? origin : OTHERS
    let tally = this.tallies.get(name)
    if (tally === undefined) this.tallies.set(name, (tally = new Tally(this.bounds)))
    return tally
  }
}
