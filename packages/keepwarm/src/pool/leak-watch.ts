/** Finds response bodies that nobody reads: each holds a connection, and enough of them hold them all. */
import type { Runtime, Timer } from '../runtime.ts'

/** A request whose reader can stall. */
export interface Stallable {
  /** "GET http://host/path", without the query. */
  readonly subject: string
  /** Where it was asked for, if that is recorded. */
  readonly stack: string | undefined
  /** Whose connection it holds. */
  readonly origin?: unknown
}

type LeakReport = (leak: Stallable, stalledFor: number, now: number) => void

export interface StalledReaders {
  readonly count: number
  readonly oldest: number
  readonly leaked: number
}

/**
 * One timer for all stalled readers, and none while nobody stalls. A reader that stalls for `after` ms is reported
 * once for that.
 */
export class LeakWatch {
  private readonly runtime: Runtime
  /** In ms. */
  readonly after: number
  private readonly report: LeakReport
  private readonly since = new Map<Stallable, number>()
  private readonly reported = new Map<Stallable, number>()
  private timer: Timer | undefined

  constructor(runtime: Runtime, after: number, report: LeakReport) {
    this.runtime = runtime
    this.after = after
    this.report = report
  }

  /** The reader wants no more for now. */
  stalled(reader: Stallable): void {
    if (this.after === Infinity || this.since.has(reader) || this.reported.has(reader)) return
    this.since.set(reader, this.runtime.now())
    if (this.timer === undefined) this.set(this.after)
  }

  /** It reads again, or is over. */
  moved(reader: Stallable): void {
    this.since.delete(reader)
    this.reported.delete(reader)
  }

  /** How many readers of an origin's responses have stalled and not read on. */
  count(origin: unknown): number {
    return this.summary(origin, 0).count
  }

  /** Those readers, how long the first of them has stalled, in ms, and how many of them were reported. */
  summary(origin: unknown, now: number): StalledReaders {
    const sums = { count: 0, oldest: 0, leaked: 0 }
    for (const readers of [this.since, this.reported]) {
      for (const [reader, since] of readers) {
        if (reader.origin !== origin) continue
        sums.count++
        sums.oldest = Math.max(sums.oldest, now - since)
        if (readers === this.reported) sums.leaked++
      }
    }
    return sums
  }

  /** Since when the reader has stalled; undefined where it reads. */
  stalledSince(reader: Stallable): number | undefined {
    return this.since.get(reader) ?? this.reported.get(reader)
  }

  private set(delay: number): void {
    this.timer = this.runtime.after(delay, () => this.look())
    this.timer.hold(false)
  }

  /** Who stalled first is first in the map. */
  private look(): void {
    this.timer = undefined
    const now = this.runtime.now()
    for (const [reader, since] of this.since) {
      if (now - since < this.after) return this.set(since + this.after - now)
      this.since.delete(reader)
      this.reported.set(reader, since)
      this.report(reader, now - since, now)
    }
  }
}

/** Tells the process, once for each leak. */
export function warnOfLeak({ subject, stack }: Stallable, stalledFor: number): void {
  const where = stack === undefined ? 'leakStacks: true shows where it was asked for' : `asked for ${stack}`
  const seconds = Math.round(stalledFor / 1_000)
  process.emitWarning(
    `${subject}: nobody has read on in the response for ${seconds} s, and it holds a connection. ` +
      `Read it to its end or destroy it; ${where}`,
    { type: 'KeepwarmLeakWarning', code: 'KEEPWARM_LEAK' },
  )
}
