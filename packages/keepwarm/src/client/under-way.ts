import type { Course } from '../exchange/course.ts'

/** The calls of a client that are under way: a list that costs a call no allocation. */
export class UnderWay {
  count = 0
  private last: Course | null = null
  private done: (() => void) | undefined

  add(exchange: Course): void {
    exchange.previous = this.last
    if (this.last !== null) this.last.next = exchange
    this.last = exchange
    this.count++
  }

  remove(exchange: Course): void {
    if (exchange.next === null) this.last = exchange.previous
    else exchange.next.previous = exchange.previous
    if (exchange.previous !== null) exchange.previous.next = exchange.next
    exchange.previous = exchange.next = null
    this.count--
    if (this.count === 0) this.done?.()
  }

  /** Calls `done` as soon as there are none, and none will come; that may be at once. */
  whenNone(done: () => void): void {
    this.done = done
    if (this.count === 0) done()
  }

  /** All of them, in a list of its own: each may end, and leave, while it is gone through. */
  all(): readonly Course[] {
    const all: Course[] = []
    for (let exchange = this.last; exchange !== null; exchange = exchange.previous) all.push(exchange)
    return all
  }
}
