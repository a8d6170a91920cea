/**
 * A model may think for minutes before its first word, and the way to it may be gone meanwhile without anybody saying so:
 * a machine that lost its power closes no connection. Whoever waits for long feels the server's pulse.
 */

/** Misses in a row after which what is under way is given up: a server that is busy may miss one or two. */
const MISSES = 3

export interface Watched extends Disposable {
  /** Aborts when the server was not there for a while after the call began. */
  readonly signal: AbortSignal
}

export class Pulse {
  private readonly isThere: () => Promise<boolean>
  private readonly every: number
  /** Calls that are under way, and how many misses in a row each has seen. */
  private readonly calls = new Map<AbortController, number>()
  private timer: NodeJS.Timeout | undefined

  /** @param every milliseconds between two looks, while calls are under way */
  constructor(isThere: () => Promise<boolean>, every = 5_000) {
    this.isThere = isThere
    this.every = every
  }

  /** Looks after a call until what it returns is disposed of. */
  watch(): Watched {
    const controller = new AbortController()
    this.calls.set(controller, 0)
    this.timer ??= setTimeout(() => void this.look(), this.every)
    return {
      signal: controller.signal,
      [Symbol.dispose]: () => {
        this.calls.delete(controller)
        if (this.calls.size > 0) return
        clearTimeout(this.timer)
        this.timer = undefined
      },
    }
  }

  private async look(): Promise<void> {
    const seen = [...this.calls.keys()]
    const isThere = await this.isThere()
    for (const controller of seen) {
      const misses = this.calls.get(controller)
      if (misses === undefined) continue
      this.calls.set(controller, isThere ? 0 : misses + 1)
      if (!isThere && misses + 1 >= MISSES) controller.abort()
    }
    this.timer = this.calls.size === 0 ? undefined : setTimeout(() => void this.look(), this.every)
  }
}
