/** The caller's side of a call: what a caller may do to it at any time, whatever it is doing. */
import { errors, type Dispatcher } from 'undici'
import type { Lease } from '../pool/lease.ts'
import type { CallClock } from './clock.ts'
import type { RawHeaders } from './host.ts'
import type { EndedBy } from './texts.ts'

export abstract class CallController implements Dispatcher.DispatchController {
  aborted = false
  paused = false
  reason: Error | null = null
  abstract readonly clock: CallClock
  /** Of the attempt that the call listens to. */
  protected lease: Lease | null = null

  /** Ends the call, whatever it is doing. The caller hears `told`, or what we make of it. */
  abstract end(by: EndedBy, cause?: unknown, told?: Error): void

  /** The caller's handler hears the reason that it gave, as undici does it. */
  abort(reason: Error = new errors.RequestAbortedError()): void {
    this.end('aborted', reason, reason)
  }

  pause(): void {
    if (this.clock.stage === 'over') return
    this.paused = true
    this.clock.pause(true)
    this.lease?.pause()
  }

  /** Nothing after the end: the connection may carry somebody else's response by then. */
  resume(): void {
    if (this.clock.stage === 'over') return
    this.paused = false
    this.clock.pause(false)
    this.lease?.resume()
  }

  get rawHeaders(): RawHeaders {
    return this.lease?.rawHeaders ?? null
  }

  get rawTrailers(): RawHeaders {
    return this.lease?.rawTrailers ?? null
  }
}
