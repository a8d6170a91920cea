import type { Runtime } from '../runtime.ts'

/** What is sent from one end arrives at the other `latency` ms later, in order. */
export class Wire {
  readonly latency: number
  /** Nothing arrives any more, in either direction, and neither end is told. */
  isCut = false
  private readonly runtime: Runtime

  constructor(runtime: Runtime, latency: number) {
    this.runtime = runtime
    this.latency = latency
  }

  carry(arrives: () => void): void {
    this.runtime.after(this.latency, () => this.isCut || arrives()).hold(false)
  }

  /** In the next turn of the event loop. */
  soon(then: () => void): void {
    this.runtime.after(0, then).hold(false)
  }
}

/** What the server's end of a connection says to the client's. Each arrives when it is called. */
export interface ClientEnd {
  /** The server closed the connection. */
  closed(how: 'fin' | 'rst'): void
  /** h2: streams above `lastStream` were not processed, and there will be no new ones. */
  goaway(lastStream: number): void
  /** h2: so many streams at once. */
  settings(maxStreams: number): void
}

/** What the server says to one request. */
export interface ClientStream {
  /** h2: its number on the connection, from 1. */
  readonly id: number
  head(status: number, headers: Readonly<Record<string, string>>): void
  part(text: string): void
  end(): void
  /** h2: the stream was reset; `refused`: before it was looked at. */
  reset(refused: boolean): void
}
