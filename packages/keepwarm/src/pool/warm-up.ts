import type { Origin } from './entities.ts'

interface WarmUp {
  readonly origin: Origin
  readonly count: number
  resolve(ready: number): void
  reject(error: unknown): void
}

/** Those who wait until an origin has so many connections. */
export class WarmUps {
  private open: WarmUp[] = []

  /** Resolves with the number of connections that are ready; rejects when a dial fails before there are enough. */
  wait(origin: Origin, count: number): Promise<number> {
    return new Promise((resolve, reject) => {
      this.open.push({ origin, count, resolve, reject })
      this.changed(origin)
    })
  }

  /** Whether anybody waits. */
  get anyone(): boolean {
    return this.open.length > 0
  }

  /** A dial to the origin ended. */
  changed(origin: Origin, failure?: unknown): void {
    if (this.open.length === 0) return
    this.open = this.open.filter((one) => {
      if (one.origin !== origin) return true
      if (origin.ready >= one.count || (origin.dialing === 0 && failure === undefined)) {
        one.resolve(Math.min(origin.ready, one.count))
        return false
      }
      if (failure === undefined) return true
      one.reject(failure)
      return false
    })
  }
}
