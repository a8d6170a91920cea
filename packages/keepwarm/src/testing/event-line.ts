/** What is to happen, the soonest first; what falls on the same moment in the order in which it was added. */
export class EventLine<T> {
  private readonly entries: { readonly at: number; readonly number: number; readonly what: T }[] = []
  private added = 0

  add(at: number, what: T): void {
    const { entries } = this
    entries.push({ at, number: this.added++, what })
    for (let child = entries.length - 1; child > 0;) {
      const parent = (child - 1) >> 1
      if (!this.swapped(child, parent)) return
      child = parent
    }
  }

  /** When the next is due; Infinity when there is none. */
  get nextAt(): number {
    return this.entries[0]?.at ?? Infinity
  }

  take(): T | undefined {
    const { entries } = this
    const first = entries[0]
    const last = entries.pop()
    if (first === undefined || last === undefined) return undefined
    if (entries.length === 0) return first.what
    entries[0] = last
    this.sink()
    return first.what
  }

  private sink(): void {
    for (let parent = 0; ;) {
      const [left, right] = [2 * parent + 1, 2 * parent + 2]
      if (left >= this.entries.length) return
      const child = right < this.entries.length && this.sooner(right, left) ? right : left
      if (!this.swapped(child, parent)) return
      parent = child
    }
  }

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
