/** What the handler is given to show: one process, as keepwarm's `observe()` sees it. */
import type { HistorySlice, Observed as Seen, ProcessSnapshot, Verdict } from 'keepwarm'

export type { HistorySlice, Verdict }

/** What of `observe()` is used: what is exported of it is made of snapshots. */
export type Observed = Omit<Seen, 'prometheus'>

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
