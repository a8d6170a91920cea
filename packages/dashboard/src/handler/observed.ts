/** What the handler is given to show: one process, as keepwarm's `observe()` sees it. */
import type { HistorySlice, ProcessSnapshot } from 'keepwarm'

export type { HistorySlice }

export interface Verdict {
  readonly kind: string
  readonly level: 'ok' | 'info' | 'warn' | 'critical'
  readonly client: string | null
  readonly origin: string | null
  readonly group?: string | null
  readonly text: string
  readonly cause?: string
  readonly evidence: readonly { readonly name: string; readonly value: string }[]
  readonly suggestion: { readonly text: string; readonly env?: string; readonly code?: string } | null
}

export interface Observed extends Disposable {
  snapshot(how?: { readonly connections?: boolean }): ProcessSnapshot
  /** The seconds that are over, from this unix second on; all that are kept without one. */
  history(since?: number): readonly HistorySlice[]
  /** Of a snapshot with connections that was just taken. */
  diagnose(now?: ProcessSnapshot): readonly Verdict[]
}

/** Which processes are shown: one, by its id, or all of them together (`sum`). */
export type View = string

export interface ShownProcess {
  /** The pid, with `.thread` behind it for a worker thread. */
  readonly id: string
  readonly pid: number
  readonly name: string
  /** Whether it did not answer when it was last asked. */
  readonly silent: boolean
}

/** A view at one moment, and the rows since another. */
export interface Sight {
  readonly view: View
  readonly snapshot: ProcessSnapshot
  readonly rows: readonly HistorySlice[]
  readonly verdicts: readonly Verdict[]
  /** All that can be chosen from. */
  readonly processes: readonly ShownProcess[]
}

/** Where sights come from. A promise where other processes have to be asked. */
export interface Source {
  /** @param since rows newer than this unix second; all that are kept for 0 */
  look(view: View, since: number): Sight | Promise<Sight>
  /** Whether there is nothing left to see, because every client was closed. */
  readonly over: boolean
}
