import { errors } from 'undici'
import type { DialResult } from '../pool/dial-under-way.ts'
import type { Runtime, Timer } from '../runtime.ts'
import type { Dialing } from './network-behaviour.ts'
import type { SimulatedConnection } from './network-connection.ts'
import type { Wire } from './network-wire.ts'

/** One dial of a simulated network that is under way. */
export class SimulatedDial {
  private readonly runtime: Runtime
  private readonly url: URL
  private readonly result: DialResult<SimulatedConnection>
  private readonly done: () => void
  private readonly timers: Timer[] = []
  private connection: SimulatedConnection | undefined
  private isOver = false
  private holds = true

  constructor(runtime: Runtime, url: URL, result: DialResult<SimulatedConnection>, done: () => void) {
    this.runtime = runtime
    this.url = url
    this.result = result
    this.done = done
  }

  /** It fails when it takes longer. */
  within(limit: number): void {
    this.after(limit, () =>
      this.end(new errors.ConnectTimeoutError(`no connection to ${this.url.origin} within ${limit} ms`)),
    )
  }

  /** The server has a connection before the client knows of it. */
  begin({ takes = 0, fails, hangs = false }: Dialing, wire: Wire, accept: () => SimulatedConnection): void {
    if (hangs) return
    this.after(wire.latency + takes, () => {
      if (fails === undefined) this.connection = accept()
      this.after(wire.latency, () => {
        if (fails === undefined) this.finish(() => this.opened())
        else this.end(dialError(fails, this.url))
      })
    })
  }

  hold(alive: boolean): void {
    this.holds = alive
    for (const timer of this.timers) timer.hold(alive)
  }

  /** It fails, or is called off. */
  end(error: Error): void {
    this.finish(() => {
      this.connection?.end(undefined)
      this.result.failed(error)
    })
  }

  private opened(): void {
    if (this.connection!.isOver)
      this.result.failed(new errors.SocketError('the connection ended as it was opened'))
    else this.result.opened(this.connection!)
  }

  private finish(report: () => void): void {
    if (this.isOver) return
    this.isOver = true
    for (const timer of this.timers) timer.cancel()
    this.done()
    queueMicrotask(report)
  }

  private after(delay: number, action: () => void): void {
    const timer = this.runtime.after(delay, action)
    timer.hold(this.holds)
    this.timers.push(timer)
  }
}

function dialError(code: string, url: URL): Error {
  return Object.assign(new Error(`connect ${code} ${url.host}`), { code })
}
