/** A day's requests at a pool, and how long each waited for its connection. */
import type { ConnectionPool, Runtime } from 'keepwarm'
import type { Load } from './sizing-load.ts'

/** One that gets no connection counts with all that it may wait, in ms. */
const patience = 5_000

export type Clock = Pick<Runtime, 'now' | 'after'>

export class Waits {
  /** In ms, by no order that matters. */
  readonly each: number[] = []
  /** Requests that got no connection. */
  refused = 0
  /** Requests that were answered otherwise than with their whole response. */
  broken = 0
  private readonly runtime: Clock
  private underWay = 0

  constructor(runtime: Clock) {
    this.runtime = runtime
  }

  /** Whether all are over that began. */
  get isQuiet(): boolean {
    return this.underWay === 0
  }

  /** Each request of the load at its moment, however the others fare. Its path is `/` and how long it takes. */
  follow(load: Load, pool: ConnectionPool, origin: string, began = this.runtime.now(), index = 0): void {
    const arrival = load.arrivals[index]
    if (arrival === undefined) return
    this.runtime.after(began + arrival - this.runtime.now(), () => {
      this.follow(load, pool, origin, began, index + 1)
      const path = `/${load.services[index]!.toFixed(3)}`
      pool.dispatch({ origin, path, method: 'GET' }, this.handler())
    })
  }

  private handler(): Handler {
    const askedAt = this.runtime.now()
    let isSent = false
    this.underWay++
    return {
      onRequestStart: () => {},
      onWire: () => {
        isSent = true
        this.each.push(this.runtime.now() - askedAt)
      },
      onResponseStart: () => {},
      onResponseData: () => {},
      onResponseEnd: () => void this.underWay--,
      onResponseError: () => {
        this.underWay--
        if (isSent) return void this.broken++
        this.refused++
        this.each.push(patience)
      },
    }
  }
}

type Handler = Parameters<ConnectionPool['dispatch']>[1] & {
  /** A pool of this house says when the request goes out. */
  onWire(): void
}
