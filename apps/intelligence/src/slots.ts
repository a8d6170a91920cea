/** A few at once, and a bounded line for the rest, first come first served. */

/** Gives the slot back. Calling it again does nothing. */
export type Release = () => void

export class QueueFull extends Error {
  constructor() {
    super('server busy, please try again.  maximum pending requests exceeded')
  }
}

interface Waiter {
  readonly enter: () => void
}

export class Slots {
  private readonly parallel: number
  private readonly maxQueue: number
  private readonly waiting = new Set<Waiter>()
  private busy = 0

  constructor(parallel: number, maxQueue: number) {
    this.parallel = parallel
    this.maxQueue = maxQueue
  }

  /** Waits for a slot, first come first served. Rejects at once when the queue is full, or when `signal` aborts. */
  async enter(signal: AbortSignal): Promise<Release> {
    signal.throwIfAborted()
    if (this.busy < this.parallel) {
      this.busy++
    } else {
      if (this.waiting.size >= this.maxQueue) throw new QueueFull()
      await this.turn(signal)
    }
    let held = true
    return () => {
      if (held) this.leave()
      held = false
    }
  }

  private turn(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const leaveQueue = (): void => {
        this.waiting.delete(waiter)
        reject(signal.reason as Error)
      }
      const waiter: Waiter = {
        enter: () => {
          signal.removeEventListener('abort', leaveQueue)
          resolve()
        },
      }
      this.waiting.add(waiter)
      signal.addEventListener('abort', leaveQueue, { once: true })
    })
  }

  /** The slot goes straight to the next in line, so that nobody can slip in between. */
  private leave(): void {
    const next = this.waiting.values().next().value
    if (next === undefined) {
      this.busy--
      return
    }
    this.waiting.delete(next)
    next.enter()
  }
}
