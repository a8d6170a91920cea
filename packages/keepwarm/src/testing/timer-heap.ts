/** Timers by their moment, those of the same moment in the order in which they were set. */
export interface HeapEntry {
  readonly at: number
  /** Cancelled or fired: it stands in the heap for nothing. */
  readonly over: boolean
  number: number
  heap: { dropped(): void } | undefined
}

/** Below this many entries those that are over may stay. */
const SMALL = 64

/** A binary heap. Adding and taking out cost O(log n); what was cancelled is left where it is until it is too much. */
export class TimerHeap<T extends HeapEntry> {
  /** Entries that are not over. */
  live = 0
  private entries: T[] = []
  private last = 0

  push(entry: T): void {
    entry.number = ++this.last
    entry.heap = this
    this.live++
    this.entries.push(entry)
    this.up(this.entries.length - 1)
  }

  /** The soonest. */
  get first(): T | undefined {
    while (this.entries[0]?.over === true) this.removeTop()
    return this.entries[0]
  }

  /** Takes the soonest out. */
  shift(): T | undefined {
    const { first } = this
    if (first === undefined) return undefined
    this.removeTop()
    first.heap = undefined
    this.live--
    return first
  }

  /** An entry was cancelled. */
  dropped(): void {
    this.live--
    if (this.entries.length < SMALL || this.live * 2 > this.entries.length) return
    this.entries = this.entries.filter(({ over }) => !over)
    for (let i = (this.entries.length >> 1) - 1; i >= 0; i--) this.down(i)
  }

  private removeTop(): void {
    const end = this.entries.pop()!
    if (this.entries.length === 0) return
    this.entries[0] = end
    this.down(0)
  }

  private up(from: number): void {
    for (let i = from; i > 0;) {
      const parent = (i - 1) >> 1
      if (!this.swapped(i, parent)) return
      i = parent
    }
  }

  private down(from: number): void {
    for (let i = from; ;) {
      const [left, right] = [2 * i + 1, 2 * i + 2]
      if (left >= this.entries.length) return
      const child = right < this.entries.length && this.sooner(right, left) ? right : left
      if (!this.swapped(child, i)) return
      i = child
    }
  }

  /** Puts the two in their order. */
  private swapped(child: number, parent: number): boolean {
    if (!this.sooner(child, parent)) return false
    const { entries } = this
    ;[entries[child], entries[parent]] = [entries[parent]!, entries[child]!]
    return true
  }

  private sooner(a: number, b: number): boolean {
    const [first, second] = [this.entries[a]!, this.entries[b]!]
    return first.at < second.at || (first.at === second.at && first.number < second.number)
  }
}
