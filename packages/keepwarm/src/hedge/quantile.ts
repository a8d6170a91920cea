/** Eight buckets for each doubling: a bucket is 9 % wide, and within it a logarithmic straight line is drawn. */
const PER_DOUBLING = 8
/** What is shorter falls into the first bucket, in ms. */
const SHORTEST = 0.05
/** Up to 27 minutes; what is longer falls into the last. */
const BUCKETS = 25 * PER_DOUBLING
/** The answer is worked out again after so many samples. */
const REFRESH = 16
/** However long it is until the next one, half of what was known is not forgotten before so many samples. */
const SAMPLES_PER_HALF_LIFE = 250
/** Weights grow instead of old ones shrinking, until they are this many doublings up. */
const MOST_DOUBLINGS = 64

export interface MovingQuantileOptions {
  /** The share of attempts that are faster, above 0 and below 1. */
  readonly quantile: number
  /** Samples before it says anything. Default 100. */
  readonly minimum?: number
  /** After so long a sample counts half, in ms. Default 10000. */
  readonly halfLife?: number
}

/**
 * A latency quantile that follows the present: bounded memory (two rows of counts in logarithmic buckets), no
 * allocation, and the same small work for each sample.
 *
 * An attempt that was broken off tells less than one that was answered, but not nothing: it would have taken at least
 * as long as it had taken by then. Such lower bounds are kept apart and counted the way life tables count those who
 * left alive (Kaplan and Meier): they belong to all that were still out at each shorter latency, and to none beyond.
 * Without them hedging feeds on itself: it breaks off the slow ones, the slow ones vanish from the samples, the
 * quantile falls, and more is hedged. Taken as if they were answers, they would pull it down a little: a hedge that was
 * broken off after 1 ms was not fast.
 *
 * A sample loses half its weight in `halfLife`, but never faster than in 250 further samples, so that a seldom
 * called origin is known, too.
 *
 * @example
 * const p95 = new MovingQuantile({ quantile: 0.95 })
 * p95.add(elapsed, now) // answered
 * p95.addAtLeast(elapsed, now) // broken off
 * p95.value // milliseconds, or undefined while too little is known
 */
export class MovingQuantile {
  private readonly quantile: number
  private readonly minimum: number
  private readonly halfLife: number
  private readonly answered = new Float64Array(BUCKETS)
  private readonly brokenOff = new Float64Array(BUCKETS)
  private total = 0
  /** Of the next sample: 2 to the power of `age`. */
  private weight = 1
  private age = 0
  private lastAt: number | undefined
  private seen = 0
  private known: number | undefined

  constructor({ quantile, minimum = 100, halfLife = 10_000 }: MovingQuantileOptions) {
    this.quantile = quantile
    this.minimum = minimum
    this.halfLife = halfLife
  }

  /** An attempt was answered after `latency` ms. */
  add(latency: number, now: number): void {
    this.count(this.answered, latency, now)
  }

  /** An attempt was broken off after `elapsed` ms: by a timeout, or because another was faster. */
  addAtLeast(elapsed: number, now: number): void {
    this.count(this.brokenOff, elapsed, now)
  }

  /** The quantile in ms, not older than 16 samples; undefined below the minimum of samples. */
  get value(): number | undefined {
    return this.known
  }

  /** How many samples there have been. */
  get samples(): number {
    return this.seen
  }

  /**
   * Another quantile of the same samples, worked out now: for snapshots, not for every request.
   *
   * @returns milliseconds. Where too few were ever answered, the longest wait of all.
   */
  at(quantile: number): number | undefined {
    return this.seen < this.minimum ? undefined : this.workOut(quantile)
  }

  private count(row: Float64Array, latency: number, now: number): void {
    this.grow(now)
    const bucket = bucketOf(latency)
    row[bucket] = (row[bucket] ?? 0) + this.weight
    this.total += this.weight
    this.seen++
    if (this.seen === this.minimum || (this.seen > this.minimum && this.seen % REFRESH === 0))
      this.known = this.workOut(this.quantile)
  }

  private grow(now: number): void {
    const elapsed = Math.max(0, now - (this.lastAt ?? now))
    this.lastAt = Math.max(now, this.lastAt ?? now)
    if (elapsed === 0) return
    this.age += Math.min(elapsed / this.halfLife, 1 / SAMPLES_PER_HALF_LIFE)
    if (this.age >= MOST_DOUBLINGS) this.shrink()
    this.weight = 2 ** this.age
  }

  private shrink(): void {
    const factor = 2 ** -MOST_DOUBLINGS
    for (let i = 0; i < BUCKETS; i++) {
      this.answered[i] = (this.answered[i] ?? 0) * factor
      this.brokenOff[i] = (this.brokenOff[i] ?? 0) * factor
    }
    this.total *= factor
    this.age -= MOST_DOUBLINGS
  }

  /** Goes up from the shortest; `slower` is the share that needs longer than the buckets so far. */
  private workOut(quantile: number): number {
    let stillOut = this.total
    let slower = 1
    let last = 0
    for (let i = 0; i < BUCKETS; i++) {
      const answered = this.answered[i] ?? 0
      const brokenOff = this.brokenOff[i] ?? 0
      if (answered + brokenOff === 0) continue
      last = i
      const after = slower * (1 - Math.min(1, answered / stillOut))
      if (after <= 1 - quantile && answered > 0) return edge(i + (slower - (1 - quantile)) / (slower - after))
      slower = after
      stillOut -= answered + brokenOff
      if (stillOut <= 0) break
    }
    return edge(last + 1)
  }
}

function bucketOf(latency: number): number {
  const bucket = Math.floor(Math.log2(latency / SHORTEST) * PER_DOUBLING)
  return bucket >= 0 ? Math.min(bucket, BUCKETS - 1) : 0
}

/** The latency at the lower edge of a bucket; fractions lie within it. */
function edge(bucket: number): number {
  return SHORTEST * 2 ** (bucket / PER_DOUBLING)
}
