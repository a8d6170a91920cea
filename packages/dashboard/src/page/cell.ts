/** A value that components can look at: those that use it are drawn again when it changes. */
import { useLayoutEffect, useState } from 'preact/hooks'

export class Cell<T> {
  private current: T
  private readonly watchers = new Set<() => void>()

  constructor(initial: T) {
    this.current = initial
  }

  get value(): T {
    return this.current
  }

  set value(next: T) {
    if (Object.is(next, this.current)) return
    this.current = next
    for (const watcher of this.watchers) watcher()
  }

  watch(watcher: () => void): () => void {
    this.watchers.add(watcher)
    return () => this.watchers.delete(watcher)
  }
}

/** Draws the component again, and what is below it, when one of these changes; several changes at once draw once. */
export function useCells(...cells: readonly Cell<unknown>[]): void {
  const [, again] = useState(0)
  useLayoutEffect(() => {
    const ends = cells.map((cell) => cell.watch(() => again((times) => times + 1)))
    return () => ends.forEach((end) => end())
  }, cells)
}

/** What follows from a value, worked out once for each value. */
export function derived<From, To>(from: () => From, make: (from: From) => To): () => To {
  let seen: From | undefined
  let made: To
  return () => {
    const now = from()
    if (now !== seen) {
      seen = now
      made = make(now)
    }
    return made
  }
}
