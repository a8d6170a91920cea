import { errors, type Dispatcher } from 'undici'
import type { Lease } from '../pool/lease.ts'
import { isReplayable } from '../pool/request-facts.ts'
import type { SimulatedConnection } from './network-connection.ts'
import { sentRequest, textOf } from './network-request.ts'
import type { SentRequest } from './network-server-end.ts'
import type { ClientStream } from './network-wire.ts'

/**
 * One request on a simulated connection: the controller that the pool's lease is given, and what calls the lease as
 * undici's Client does. What arrives while it is paused waits.
 */
export class SimulatedStream implements ClientStream, Dispatcher.DispatchController {
  readonly id: number
  readonly lease: Lease
  aborted = false
  paused = false
  reason: Error | null = null
  rawHeaders: NonNullable<Dispatcher.DispatchController['rawHeaders']> | null = null
  rawTrailers: NonNullable<Dispatcher.DispatchController['rawTrailers']> | null = null
  /** The lease was told the end, or will be by somebody else. */
  over = false
  /** The server's `connection: close`, or what undici closes the connection after. */
  closesAfter: boolean
  /** It was sent again already because the server had not looked at it. */
  readonly second: boolean
  private readonly connection: SimulatedConnection
  private started = false
  private held: (() => void)[] = []

  constructor(connection: SimulatedConnection, id: number, lease: Lease, second: boolean) {
    this.connection = connection
    this.id = id
    this.lease = lease
    this.second = second
    this.closesAfter = closesConnection(lease)
  }

  /** Whether it can be sent again as if nothing had been. */
  get isReplayable(): boolean {
    return !this.started && isReplayable(this.lease.options.body)
  }

  /** Writes the request. False when it was over before a byte of it was. */
  write(send: (request: SentRequest) => void): boolean {
    const { lease } = this
    try {
      lease.onRequestStart(this)
    } catch (thrown) {
      this.fail(thrown as Error)
    }
    if (this.over) return false
    const { body } = lease.options
    if (isReplayable(body)) {
      send(sentRequest(lease.options, textOf(body)))
      lease.onRequestSent()
    } else void this.upload(body as AsyncIterable<Uint8Array | string>, send)
    return true
  }

  private async upload(
    body: AsyncIterable<Uint8Array | string>,
    send: (request: SentRequest) => void,
  ): Promise<void> {
    const parts: Buffer[] = []
    try {
      for await (const part of body) {
        if (this.over) return
        parts.push(Buffer.from(part))
        this.lease.onBodySent(parts.at(-1)!)
      }
    } catch (error) {
      return this.abort(error as Error)
    }
    if (this.over) return
    send(sentRequest(this.lease.options, Buffer.concat(parts).toString()))
    this.lease.onRequestSent()
  }

  // ── the controller ─────────────────────────────────────────────────────────────────────────────────────────

  abort(reason: Error = new errors.RequestAbortedError()): void {
    if (this.over) return
    this.aborted = true
    this.reason = reason
    this.fail(reason)
    this.connection.aborted(this)
  }

  pause(): void {
    this.paused = true
  }

  resume(): void {
    if (!this.paused) return
    this.paused = false
    this.connection.soon(() => this.release())
  }

  // ── what arrives ───────────────────────────────────────────────────────────────────────────────────────────

  head(status: number, headers: Readonly<Record<string, string>>): void {
    this.receive(100, () => {
      this.started = true
      if (headers['connection'] === 'close') this.closesAfter = true
      this.lease.onResponseStarted()
      if (!this.over) this.lease.onResponseStart(this, status, { ...headers })
    })
  }

  part(text: string): void {
    const bytes = Buffer.from(text)
    this.receive(bytes.length, () => this.lease.onResponseData(this, bytes))
  }

  end(): void {
    this.receive(0, () => {
      this.over = true
      this.lease.onResponseEnd(this, {})
      this.connection.answered(this)
    })
  }

  reset(refused: boolean): void {
    if (this.over) return
    if (refused && this.isReplayable && !this.second) return this.connection.again(this)
    const name = refused ? 'REFUSED_STREAM' : 'INTERNAL_ERROR'
    const error = new Error(`Stream closed with error code NGHTTP2_${name}`)
    this.fail(Object.assign(error, { code: 'ERR_HTTP2_STREAM_ERROR' }))
    this.connection.forget(this)
  }

  /** After everything that arrived before it. */
  receive(bytes: number, step: () => void): void {
    if (this.over) return
    this.connection.bytesRead += bytes
    if (this.paused || this.held.length > 0) this.held.push(step)
    else step()
  }

  fail(error: Error): void {
    if (this.over) return
    this.over = true
    this.lease.onResponseError(this, error)
  }

  private release(): void {
    while (!this.paused && !this.over) {
      const step = this.held.shift()
      if (step === undefined) return
      step()
    }
  }
}

/** After HEAD, unless told otherwise, and after methods whose body undici thinks unexpected. */
function closesConnection({ options }: Lease): boolean {
  const { method, body, reset } = options
  if (reset === true) return true
  if (method === 'HEAD') return reset !== false
  const expectsBody = ['PUT', 'POST', 'PATCH', 'QUERY', 'PROPFIND', 'PROPPATCH'].includes(method)
  return !expectsBody && body != null && textOf(body) !== ''
}
