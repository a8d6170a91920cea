/**
 * What is due when: a timing wheel. Adding, moving and removing cost O(1); the earliest moment is known without
 * a search. Pure: it is told the time and never waits; {@link file://./alarm.ts} does the waiting.
 *
 *     bucket = ⌊at ÷ 16 ms⌋ mod 512, one turn of the wheel = 8.2 s
 *     an item more than a turn away stays in its bucket and is passed over once a turn
 */
const WIDTH = 16
const BUCKETS = 512
const DUE = BUCKETS

/** Something that can stand on an {@link Agenda}; the fields belong to the agenda. */
export class AgendaItem {
  /** When this is due, in the runtime's milliseconds. */
  at = 0
  /** @internal -1 = not on an agenda */
  bucket = -1
  /** @internal */
  before: AgendaItem | null = null
  /** @internal */
  after: AgendaItem | null = null
}

export class Agenda<T extends AgendaItem> {
  private readonly buckets: (AgendaItem | null)[] = new Array<AgendaItem | null>(BUCKETS + 1).fill(null)
  private soonest = Infinity
  private count = 0

  /** A moment that is never later than the earliest item's; Infinity when there is none. */
  get next(): number {
    return this.count === 0 ? Infinity : this.soonest
  }

  add(item: T, at: number): void {
    item.at = at
    this.link(item, bucketOf(at))
    this.count++
    if (at < this.soonest) this.soonest = at
  }

  remove(item: T): void {
    if (item.bucket === -1) return
    this.unlink(item)
    this.count--
  }

  /** Puts the item at `at`, whether or not it already stood here. */
  move(item: T, at: number): void {
    this.remove(item)
    this.add(item, at)
  }

  has(item: T): boolean {
    return item.bucket !== -1
  }

  /** Takes off every item that is due at `now` and hands it to `act`, which may add and remove freely. */
  due(now: number, act: (item: T) => void): void {
    if (now < this.next) return
    this.collect(now)
    this.soonest = Infinity
    let item: AgendaItem | null
    while ((item = this.buckets[DUE] ?? null) !== null) {
      this.unlink(item)
      this.count--
      act(item as T)
    }
    this.soonest = Math.min(this.soonest, this.earliest(now))
  }

  /** Moves what is due into the list of the due, where remove() still finds it. */
  private collect(now: number): void {
    const first = Math.floor(this.soonest / WIDTH)
    const last = Math.min(Math.floor(now / WIDTH), first + BUCKETS - 1)
    for (let turn = first; turn <= last; turn++) {
      let item = this.buckets[wrap(turn)] ?? null
      while (item !== null) {
        const after = item.after
        if (item.at <= now) {
          this.unlink(item)
          this.link(item, DUE)
        }
        item = after
      }
    }
  }

  private earliest(now: number): number {
    if (this.count === 0) return Infinity
    const first = Math.floor(now / WIDTH)
    let earliest = Infinity
    for (let turn = first; turn < first + BUCKETS; turn++) {
      for (let item = this.buckets[wrap(turn)] ?? null; item !== null; item = item.after) {
        if (item.at < earliest) earliest = item.at
      }
      if (earliest < (turn + 1) * WIDTH) return earliest
    }
    return earliest
  }

  private link(item: AgendaItem, bucket: number): void {
    const head = this.buckets[bucket] ?? null
    item.bucket = bucket
    item.before = null
    item.after = head
    if (head !== null) head.before = item
    this.buckets[bucket] = item
  }

  private unlink(item: AgendaItem): void {
    if (item.before === null) this.buckets[item.bucket] = item.after
    else item.before.after = item.after
    if (item.after !== null) item.after.before = item.before
    item.bucket = -1
    item.before = item.after = null
  }
}

function bucketOf(at: number): number {
  return wrap(Math.floor(at / WIDTH))
}

function wrap(turn: number): number {
  return ((turn % BUCKETS) + BUCKETS) % BUCKETS
}
