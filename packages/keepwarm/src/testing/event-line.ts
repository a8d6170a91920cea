import { Heap, type HeapItem } from './heap.ts'

interface Event<T> extends HeapItem {
  readonly what: T
}

/** What is to happen, the soonest first; what falls on the same moment in the order in which it was added. */
export class EventLine<T> {
  private readonly heap = new Heap<Event<T>>()

  add(at: number, what: T): void {
    this.heap.add({ at, number: 0, what })
  }

  /** When the next is due; Infinity when there is none. */
  get nextAt(): number {
    return this.heap.top?.at ?? Infinity
  }

  take(): T | undefined {
    return this.heap.take()?.what
  }
}
