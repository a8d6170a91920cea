import { Heap, type HeapItem } from './heap.ts'

/** Timers by their moment, those of the same moment in the order in which they were set. */
export interface HeapEntry extends HeapItem {
  /** Cancelled or fired: it stands in the heap for nothing. */
  readonly over: boolean
  heap: { dropped(): void } | undefined
}

/** Below this many entries those that are over may stay. */
const SMALL = 64

/** What was cancelled is left where it is until it is too much. */
export class TimerHeap<T extends HeapEntry> {
  /** Entries that are not over. */
  live = 0
  private readonly entries = new Heap<T>()

  push(entry: T): void {
    entry.heap = this
    this.live++
    this.entries.add(entry)
  }

  /** The soonest. */
  get first(): T | undefined {
    while (this.entries.top?.over === true) this.entries.take()
    return this.entries.top
  }

  /** Takes the soonest out. */
  shift(): T | undefined {
    const { first } = this
    if (first === undefined) return undefined
    this.entries.take()
    first.heap = undefined
    this.live--
    return first
  }

  /** An entry was cancelled. */
  dropped(): void {
    this.live--
    if (this.entries.size < SMALL || this.live * 2 > this.entries.size) return
    this.entries.keep(({ over }) => !over)
  }
}
