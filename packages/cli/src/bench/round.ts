/** What one arm did in one round. */
import { createHistogram, type RecordableHistogram } from 'node:perf_hooks'

export class Round {
  /** Of the requests that were answered, in µs. */
  readonly latencies: RecordableHistogram = createHistogram({ lowest: 1, highest: 3_600_000_000, figures: 3 })
  /** The others, by what happened. */
  readonly failures: Map<string, number> = new Map()
  answered = 0
  /** How long it took, in ms. */
  took = 0
  /** CPU time of this process, in µs. */
  cpu = 0
  /** Connections that were opened. */
  opened = 0
  /** Requests that the server closed a connection under, and that were sent again. */
  lostRaces = 0

  /** @param milliseconds from when it was due, or sent, to the last byte of its answer */
  answer(milliseconds: number): void {
    this.latencies.record(Math.max(1, Math.round(milliseconds * 1_000)))
    this.answered++
  }

  fail(kind: string, count = 1): void {
    this.failures.set(kind, (this.failures.get(kind) ?? 0) + count)
  }

  get failed(): number {
    return this.failures.values().reduce((sum, count) => sum + count, 0)
  }
}
