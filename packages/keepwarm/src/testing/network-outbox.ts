import type { Lease } from '../pool/lease.ts'
import type { SimulatedStream } from './network-stream.ts'

/** A request that was handed over and is not written. */
export interface Pending {
  readonly lease: Lease
  /** It goes again because the server had not looked at it; as this it was sent before. */
  readonly before?: SimulatedStream
}

/** The connection that writes them. */
export interface Writer {
  /** Requests on the wire. */
  readonly running: number
  /** Whether it can write anything at all. */
  readonly writes: boolean
  write(pending: Pending): void
  /** It listens from now on. */
  woken(): void
  /** There is room for another request. */
  drained(): void
  /** Nothing more can be written at the moment. */
  rested(): void
}

/** What was handed to a connection and is not written: when it is, and when there is room for more, as undici does it. */
export class Outbox {
  /** Streams there may be at once; over HTTP/2 one, until the server has spoken. */
  maxStreams = 1
  /** It connects, or looks at the socket before it writes on it again. */
  isWaking = false
  private readonly writer: Writer
  private pending: Pending[] = []
  private resuming = false
  private owesDrain = false

  constructor(writer: Writer) {
    this.writer = writer
  }

  get size(): number {
    return this.pending.length
  }

  /** Whether another request can follow at once. */
  get takesMore(): boolean {
    if (this.isBusy) this.owesDrain = true
    return !this.owesDrain
  }

  push(pending: Pending): void {
    this.pending.push(pending)
  }

  putBack(pending: Pending): void {
    this.pending.unshift(pending)
  }

  /** It was given up. */
  drop(stream: SimulatedStream): void {
    this.pending = this.pending.filter(({ before }) => before !== stream)
  }

  takeAll(): Pending[] {
    return this.pending.splice(0)
  }

  /** Nothing is written before that. */
  wakeBy(later: (wake: () => void) => void): void {
    if (this.isWaking) return
    this.isWaking = true
    later(() => {
      this.isWaking = false
      this.writer.woken()
      this.resume()
    })
  }

  /** Writes what can be written. `asked`: by the pool, which is told that there is room in the next turn. */
  resume(asked: boolean = false): void {
    if (this.resuming) return
    this.resuming = true
    while (this.writer.writes) {
      if (this.isBusy) this.owesDrain = true
      else if (this.owesDrain) {
        this.owesDrain = false
        if (asked) queueMicrotask(() => this.writer.drained())
        else this.writer.drained()
        continue
      }
      if (this.isWaking || this.writer.running >= this.maxStreams || this.pending.length === 0) break
      this.writer.write(this.pending.shift()!)
    }
    this.resuming = false
    this.writer.rested()
  }

  private get isBusy(): boolean {
    return this.isWaking || this.writer.running + this.pending.length >= this.maxStreams
  }
}
