/** A binary heap by moments; what falls on the same moment in the order in which it was added. */
export interface HeapItem {
  readonly at: number
  /** Given when it is added. */
  number: number
}

/** Adding and taking out cost O(log n). */
export class Heap<T extends HeapItem> {
  private items: T[] = []
  private added = 0

  get size(): number {
    return this.items.length
  }

  /** The soonest. */
  get top(): T | undefined {
    return this.items[0]
  }

  add(item: T): void {
    item.number = ++this.added
    this.items.push(item)
    for (let i = this.items.length - 1; i > 0;) {
      const parent = (i - 1) >> 1
      if (!this.swapped(i, parent)) return
      i = parent
    }
  }

  /** Takes the soonest out. */
  take(): T | undefined {
    const first = this.items[0]
    const end = this.items.pop()
    if (end === undefined || this.items.length === 0) return first
    this.items[0] = end
    this.down(0)
    return first
  }

  /** Takes out all that need not stay. */
  keep(stays: (item: T) => boolean): void {
    this.items = this.items.filter(stays)
    for (let i = (this.items.length >> 1) - 1; i >= 0; i--) this.down(i)
  }

  private down(from: number): void {
    for (let i = from; ;) {
      const [left, right] = [2 * i + 1, 2 * i + 2]
      if (left >= this.items.length) return
      const child = right < this.items.length && this.sooner(right, left) ? right : left
      if (!this.swapped(child, i)) return
      i = child
    }
  }

  /** Puts the two in their order. */
  private swapped(child: number, parent: number): boolean {
    if (!this.sooner(child, parent)) return false
    const { items } = this
    ;[items[child], items[parent]] = [items[parent]!, items[child]!]
    return true
  }

  private sooner(a: number, b: number): boolean {
    const [first, second] = [this.items[a]!, this.items[b]!]
    return first.at < second.at || (first.at === second.at && first.number < second.number)
  }
}
