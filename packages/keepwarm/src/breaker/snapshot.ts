import type { Forced } from './forcing.ts'
import type { BreakerRefusal } from './refusal.ts'
import type { BreakerState } from './saved.ts'

/** A breaker at one moment, as plain JSON. */
export interface BreakerSnapshot {
  readonly state: BreakerState
  /** What it is held at by hand, or null. */
  readonly forced: Forced | null
  /** Completions in the window, and the share of failures among them; 0 when there are none. */
  readonly completions: number
  readonly failureRatio: number
  /** Milliseconds until the next probe; null when that is not known. */
  readonly retryAfter: number | null
  /** Openings one after another, without the first. */
  readonly reopenings: number
  /** How often it has opened in all. */
  readonly opened: number
  readonly probesUnderWay: number
  /** The share of calls that is let in, below 1 for some time after it has closed. */
  readonly admittedShare: number
  readonly rejected: Readonly<Record<BreakerRefusal, number>>
  readonly lastFailure: string | null
}
