/**
 * A connection of a simulated network, as the pool sees it: it does what pool/connection.ts does with a socket and an
 * undici Client, in the same order of events, and with the same errors.
 */
import { errors, type Dispatcher } from 'undici'
import { ConnectionGone } from '../pool/blame.ts'
import { reasonOf, type ConnectionHost } from '../pool/connection.ts'
import type { SocketFacts } from '../pool/connections.ts'
import type { Slot } from '../pool/entities.ts'
import type { Lease } from '../pool/lease.ts'
import type { NetworkConnection } from '../pool/network.ts'
import { Pulse, type Pingable } from '../pool/ping.ts'
import type { ServerEnd } from './network-server-end.ts'
import { Outbox, type Pending, type Writer } from './network-outbox.ts'
import { SimulatedStream } from './network-stream.ts'
import type { ClientEnd, Wire } from './network-wire.ts'

/** What connections tell their network. */
export interface ConnectionWatch {
  /** What undici's dispatcher events name. */
  readonly client: Dispatcher
  sent(lease: Lease): void
}

/** What a client opens at most on a session of which the server says nothing else. */
const MOST_STREAMS = 100

export class SimulatedConnection implements NetworkConnection, ClientEnd, Pingable, Writer {
  readonly client: Dispatcher
  /** Of HTTP/2 only. */
  pulse: Pulse | undefined
  bytesRead = 0
  /** The socket is gone, or goes in this turn. */
  isOver = false
  private bytesWritten = 0
  private readonly watch: ConnectionWatch
  private readonly wire: Wire
  private readonly server: ServerEnd
  private readonly address: string
  private host: ConnectionHost | undefined
  private slot: Slot | undefined
  private readonly streams = new Set<SimulatedStream>()
  private readonly outbox: Outbox = new Outbox(this)
  private lastStream = 0
  /** A request was handed over: from then on the connection listens. */
  private used = false
  private unheard: (() => void)[] = []
  private served = false
  /** The pool closes it. */
  private closing = false
  private keepsDead = false
  /** The server said GOAWAY. */
  private left = false
  private endOfServer: Error | undefined

  /** @param watch is told of every request that is written. */
  constructor(watch: ConnectionWatch, wire: Wire, address: string, accept: (end: ClientEnd) => ServerEnd) {
    this.watch = watch
    this.client = watch.client
    this.wire = wire
    this.address = address
    this.server = accept(this)
  }

  /** From now on it belongs to a pool. */
  belongsTo(host: ConnectionHost, slot: Slot): void {
    this.host = host
    this.slot = slot
    if (!this.isHttp1) this.pulse = new Pulse(slot, this)
  }

  facts(): SocketFacts {
    const { address, bytesRead, bytesWritten } = this
    return { protocol: this.server.protocol, address, bytesRead, bytesWritten }
  }

  get received(): number {
    return this.bytesRead
  }

  ping(answered: () => void): boolean {
    if (!this.used || this.left || this.isOver) return false
    this.wire.carry(() =>
      this.server.say(() => {
        if (this.isOver) return
        this.bytesRead += 17
        answered()
      }),
    )
    return true
  }

  // ── the pool's orders ──────────────────────────────────────────────────────────────────────────────────────

  dispatch(lease: Lease): boolean {
    if (this.closing) {
      lease.onResponseError(null, new errors.ClientClosedError())
      return false
    }
    if (!this.isHttp1) lease.handedTo = this
    this.outbox.push({ lease })
    if (!this.used) this.outbox.wakeBy(queueMicrotask)
    else if (this.isHttp1 && this.served) this.outbox.wakeBy((wake) => this.soon(wake))
    this.used = true
    this.outbox.resume(true)
    return this.outbox.takesMore
  }

  givenUp(lease: Lease): void {
    if (this.outbox.isWaking) return
    this.keepsDead = true
    this.host!.retired(this.slot!, 'silent', undefined)
    this.host!.released(lease)
  }

  close(): void {
    this.closing = true
    if (!this.used) this.end(undefined)
    else if (this.keepsDead) queueMicrotask(() => this.destroy(new errors.ClientDestroyedError()))
    else queueMicrotask(() => this.rested())
  }

  destroy(error: Error): void {
    this.closing = true
    for (const { lease } of this.outbox.takeAll()) lease.onResponseError(undefined, error)
    this.end(error)
  }

  // ── its own turns ──────────────────────────────────────────────────────────────────────────────────────────

  soon(then: () => void): void {
    this.wire.soon(then)
  }

  private get isHttp1(): boolean {
    return this.server.protocol === 'h1'
  }

  // ── for its outbox ─────────────────────────────────────────────────────────────────────────────────────────

  get running(): number {
    return this.streams.size
  }

  get writes(): boolean {
    return !this.isOver && !this.left
  }

  woken(): void {
    for (const heard of this.unheard.splice(0)) heard()
  }

  drained(): void {
    if (!this.isOver) this.host!.drained(this.slot!)
  }

  write({ lease, before }: Pending): void {
    if (before !== undefined) before.over = true
    const stream = new SimulatedStream(this, ++this.lastStream, lease, before !== undefined)
    this.streams.add(stream)
    const written = stream.write((request) => {
      this.bytesWritten += 100 + request.body.length
      this.wire.carry(() => this.server.arrive(request, stream))
    })
    if (written) this.watch.sent(lease)
    else this.streams.delete(stream)
  }

  // ── what its streams tell ──────────────────────────────────────────────────────────────────────────────────

  answered(stream: SimulatedStream): void {
    this.streams.delete(stream)
    this.served = true
    if (this.endOfServer !== undefined) this.end(this.endOfServer)
    else if (this.isHttp1 && stream.closesAfter) this.end(new errors.InformationalError('reset'))
    else if (this.isHttp1) this.soon(() => this.outbox.resume())
    else this.outbox.resume()
  }

  aborted(stream: SimulatedStream): void {
    this.outbox.drop(stream)
    this.streams.delete(stream)
    if (this.isHttp1) return this.end(new errors.InformationalError('aborted'))
    this.wire.carry(() => this.server.cancelled(stream))
    this.outbox.resume()
  }

  /** The server reset it. */
  forget(stream: SimulatedStream): void {
    this.streams.delete(stream)
    this.outbox.resume()
  }

  /** The server did not look at it. */
  again(stream: SimulatedStream): void {
    this.outbox.putBack({ lease: stream.lease, before: stream })
    this.forget(stream)
  }

  // ── what the server says ───────────────────────────────────────────────────────────────────────────────────

  closed(how: 'fin' | 'rst'): void {
    if (this.isOver || this.endOfServer !== undefined) return
    if (!this.used) {
      if (how === 'fin') this.host?.retired(this.slot!, 'server_closed', undefined)
      return this.end(undefined)
    }
    const error = how === 'fin' ? new errors.SocketError('other side closed') : connectionReset()
    const [first] = this.streams
    if (how === 'rst' || !this.isHttp1 || first?.paused !== true) return this.end(error)
    this.endOfServer = error
    first.receive(0, () => this.end(error)) // it stands behind what the reader has not taken yet
  }

  goaway(last: number): void {
    if (!this.used) return void this.unheard.push(() => this.goaway(last))
    if (this.isOver || this.left) return
    this.left = true
    const error = new errors.InformationalError('HTTP/2: "GOAWAY" frame received with code 0')
    for (const stream of [...this.streams]) {
      if (stream.id <= last) continue
      if (stream.isReplayable) stream.lease.turnedAway()
      else {
        this.streams.delete(stream)
        stream.fail(error)
      }
    }
    this.host!.retired(this.slot!, 'goaway', error)
    this.rested()
  }

  settings(maxStreams: number): void {
    if (!this.used) return void this.unheard.push(() => this.settings(maxStreams))
    this.outbox.maxStreams = Math.min(maxStreams, MOST_STREAMS)
    this.outbox.resume()
  }

  // ── its end ────────────────────────────────────────────────────────────────────────────────────────────────

  rested(): void {
    if (this.streams.size > 0 || this.isOver) return
    if (this.left) this.end(new errors.InformationalError('HTTP/2: GOAWAY'))
    else if (this.closing && this.used && this.outbox.size === 0) this.end(new errors.ClientDestroyedError())
  }

  /** Destroys the socket. */
  end(error: Error | undefined): void {
    if (this.isOver) return
    this.isOver = true
    this.wire.carry(() => this.server.left())
    if (this.host !== undefined) this.soon(() => this.gone(error))
  }

  private gone(reason: Error | undefined): void {
    const error: Error & { code?: string } = reason ?? new errors.SocketError('closed')
    const unread = this.streams.size === 0
    for (const stream of this.streams) stream.fail(error)
    this.streams.clear()
    const told = unread && !selfMended.has(error.code)
    if (told) for (const { lease } of this.outbox.takeAll()) lease.onResponseError(undefined, error)
    if (this.used) this.host!.retired(this.slot!, reasonOf(error), error)
    queueMicrotask(() => this.host!.closed(this.slot!))
    if (this.outbox.size > 0) queueMicrotask(() => this.giveBack())
  }

  /** A Client without its socket asks for another, which is refused. */
  private giveBack(): void {
    const error = new ConnectionGone('the connection is gone')
    for (const { lease } of this.outbox.takeAll()) lease.onResponseError(undefined, error)
  }
}

/** Of these a Client thinks that it can connect again. */
const selfMended: ReadonlySet<string | undefined> = new Set(['UND_ERR_INFO', 'UND_ERR_SOCKET'])

function connectionReset(): Error {
  return Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET', errno: -104, syscall: 'read' })
}
