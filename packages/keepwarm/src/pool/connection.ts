/**
 * One connection: a dialed socket and the undici Client that speaks HTTP over it. The only file that uses Client.
 *
 *     fresh ──first lease──▶ speaking ──▶ over
 *
 * While fresh, nobody but us watches the socket. A Client that lost its socket would dial a new one by itself;
 * ours may not: its connector hands out the one socket it was made for and afterwards refuses, which gives the
 * request back unsent.
 */
import { constants, type ClientHttp2Session } from 'node:http2'
import type { Socket } from 'node:net'
import { Client, errors } from 'undici'
import type { Runtime } from '../runtime.ts'
import { ConnectionGone } from './blame.ts'
import type { Described, SocketFacts } from './connections.ts'
import type { Slot } from './entities.ts'
import { readDirectly } from './direct-read.ts'
import { inParts } from './large-body.ts'
import type { Lease } from './lease.ts'
import type { HoldingSession } from './lease-host.ts'
import type { CloseReason } from './limits.ts'
import { Pulse, type Pingable } from './ping.ts'
import { ResetBudget } from './reset-budget.ts'
import { tendStreams, whenDestroyed, type SessionKeeper } from './streams.ts'
import { watchUnused } from './unused-socket.ts'

/** What a connection tells its pool. */
export interface ConnectionHost {
  drained(slot: Slot): void
  /** It will have drained when this turn of the event loop is over, unless it ends before. */
  drains?(slot: Slot): void
  retired(slot: Slot, reason: CloseReason, error: Error | undefined): void
  closed(slot: Slot): void
  /** Its server allows so many streams at once. */
  allowed?(slot: Slot, streams: number): void
  /** The request needs its place no more. */
  released(lease: Lease): void
}

/** Options of undici's Client that the pool passes on. */
export type ClientOptions = Pick<
  Client.Options,
  | 'maxHeaderSize'
  | 'headersTimeout'
  | 'bodyTimeout'
  | 'strictContentLength'
  | 'maxResponseSize'
  | 'pingInterval'
>

/** Longer than any connection lives: the pool, not the Client, decides when an idle one is closed. */
const NEVER = 86_400_000

/** How long a Client may take to close when nothing runs on it, in ms. */
const CLOSES_WITHIN = 5_000

/** @throws undici's InvalidArgumentError, which names the option. */
export function checkClientOptions(options: ClientOptions): void {
  void new Client('http://localhost', options).close()
}

export class Connection implements Described, Pingable, HoldingSession, SessionKeeper {
  readonly slot: Slot
  readonly socket: Socket
  readonly protocol: 'h1' | 'h2'
  readonly client: Client
  /** Of HTTP/2 only. */
  readonly pulse: Pulse | undefined
  private session: ClientHttp2Session | undefined
  private readonly host: ConnectionHost
  private readonly runtime: Runtime
  /** Of HTTP/2 only. */
  private readonly resets: ResetBudget | undefined
  /** From now on the Client watches the socket. */
  private readonly use: () => void
  private taken = false
  /** The Client has the socket. */
  private isHandedOver = false
  /** The Client may hold requests that were given up. */
  private keepsDead = false

  constructor(
    host: ConnectionHost,
    runtime: Runtime,
    slot: Slot,
    origin: URL,
    socket: Socket,
    options: ClientOptions,
  ) {
    this.host = host
    this.runtime = runtime
    this.slot = slot
    this.socket = socket
    this.protocol = protocolOf(socket)
    socket.on('error', ignore)
    // The Client hears of the end in the same turn, and says why; only then is the place free.
    socket.once('close', () => queueMicrotask(() => host.closed(slot)))
    if (this.protocol === 'h2') {
      this.pulse = new Pulse(slot, this)
      this.resets = new ResetBudget(runtime.now())
      tendStreams(socket, this)
    }
    this.use = watchUnused(socket, this.protocol, () => {
      host.retired(slot, 'server_closed', undefined)
      socket.destroy()
    })
    socket.unref()
    this.client = new Client(withFixedParts(origin), {
      ...options,
      keepAliveTimeout: NEVER,
      keepAliveMaxTimeout: NEVER,
      keepAliveTimeoutThreshold: 0,
      // No request is ever given to a connection that has one. But with 1 a Client goes through the event loop by
      // itself after every response, and says that it drained; the pool does it for all of its connections at once.
      pipelining: this.protocol === 'h1' ? 2 : 1,
      connect: (_options, callback) => {
        const error = this.taken ? new ConnectionGone('the connection is gone') : null
        this.taken = true
        queueMicrotask(() =>
          this.handOver(error, callback as (error: Error | null, socket: Socket | null) => void),
        )
      },
    })
    this.listen()
  }

  /** True when another request can follow at once. */
  dispatch(lease: Lease): boolean {
    if (this.protocol === 'h1') {
      this.client.dispatch(lease.options, lease)
      return false
    }
    lease.handedTo = this
    return this.client.dispatch(inParts(lease.options), lease)
  }

  /** What the server sent behind its answer, against the rules, must be seen before the next request is written. */
  emptied(): void {
    if (this.protocol === 'h1') this.host.drains?.(this.slot)
  }

  /**
   * Before it was written: the server allows no more streams at the moment. The Client keeps the request until it does, and
   * knows no way to forget it; a session that may never send anything again is worth no more requests.
   */
  givenUp(lease: Lease): void {
    if (!this.isHandedOver) return // the Client comes to it in this turn
    this.keepsDead = true
    this.host.retired(this.slot, 'silent', undefined)
    this.host.released(lease)
  }

  /** Before the Client itself knows that, it makes streams that can only fail, their bodies lost. */
  get isGone(): boolean {
    const { session, socket } = this
    return socket.destroyed || (session !== undefined && (session.closed || session.destroyed))
  }

  found(session: ClientHttp2Session): void {
    if (this.session !== undefined) return
    const { host, slot } = this
    this.session = session
    session.once('goaway', (code) => {
      if (code === constants.NGHTTP2_ENHANCE_YOUR_CALM) this.pulse!.unwelcome = true
    })
    session.on('remoteSettings', ({ maxConcurrentStreams = Infinity }) => {
      host.allowed?.(slot, maxConcurrentStreams)
    })
    whenDestroyed(session, (error) => host.retired(slot, reasonOf(error), error))
  }

  reset(unsent: number): void {
    // Not within undici's abort.
    if (!this.resets!.spend(this.runtime.now(), unsent)) {
      queueMicrotask(() => this.host.retired(this.slot, 'resets', undefined))
    }
  }

  facts(): SocketFacts {
    const { remoteAddress, remotePort, bytesRead, bytesWritten } = this.socket
    const address = remoteAddress === undefined ? undefined : `${remoteAddress}:${remotePort}`
    const ip = remoteAddress?.replace(/^::ffff:(?=\d+\.)/, '')
    return { protocol: this.protocol, address, ip, bytesRead, bytesWritten }
  }

  get received(): number {
    return this.socket.bytesRead
  }

  /** Until its first stream there is no session yet; one that said GOAWAY sends no more pings. */
  ping(answered: () => void): boolean {
    const { session } = this
    if (session === undefined || session.closed || session.destroyed) return false
    return session.ping((error) => error === null && answered())
  }

  /** Closes the connection, on which nothing runs. */
  close(): void {
    // The Client may still be in the middle of the last answer.
    if (this.keepsDead) queueMicrotask(() => this.destroy(new errors.ClientDestroyedError()))
    else if (this.taken) this.closeClient()
    else this.socket.destroy()
  }

  /** A Client that lost count of its requests would never close, and the place of its socket would be lost. */
  private closeClient(): void {
    const isOurs = (): boolean => this.slot.closeReason !== 'upgrade'
    const late = this.runtime.after(CLOSES_WITHIN, () => {
      if (isOurs()) this.destroy(new errors.ClientDestroyedError())
    })
    late.hold(false)
    const end = (): void => {
      late.cancel()
      if (isOurs()) this.socket.destroy() // after a GOAWAY the Client forgets it
    }
    void this.client.close().then(end, end)
  }

  destroy(error: Error): void {
    if (this.taken) void this.client.destroy(error).catch(ignore)
    this.socket.destroy(error) // after an upgrade or a GOAWAY the Client has let go of it
  }

  private handOver(
    error: Error | null,
    callback: (error: Error | null, socket: Socket | null) => void,
  ): void {
    if (error !== null) return callback(error, null)
    this.use()
    if (this.protocol === 'h1') readDirectly(this.socket)
    this.isHandedOver = true
    this.socket.ref() // the Client counts on a socket that holds the process, and lets go of it when idle
    callback(null, this.socket)
  }

  private listen(): void {
    const { client, host, slot } = this
    if (this.protocol === 'h2') {
      client.on('drain', () => {
        // It comes before or after `disconnect`; a connection whose socket is gone takes nothing.
        if (!this.socket.destroyed) host.drained(slot)
      })
    }
    client.on('disconnect', (_origin, _targets, error) => host.retired(slot, reasonOf(error), error))
    client.on('connectionError', (_origin, _targets, error) => host.retired(slot, 'server_closed', error))
    // A handler that throws while it is told of an error ends up here; unheard it would end the process.
    client.on('error' as 'drain', ((error: Error) => process.emitWarning(error)) as never)
  }
}

/** undici's Client asks for these with every request, and a URL puts them together anew each time. */
function withFixedParts(origin: URL): URL {
  const { origin: whole, protocol } = origin
  return Object.defineProperties(new URL(whole), { origin: { value: whole }, protocol: { value: protocol } })
}

function protocolOf(socket: Socket): 'h1' | 'h2' {
  return (socket as { alpnProtocol?: unknown }).alpnProtocol === 'h2' ? 'h2' : 'h1'
}

/** undici says in words why a socket ended; this is the one place where they are read. */
export function reasonOf(error: (Error & { code?: string }) | undefined): CloseReason {
  if (error === undefined) return 'server_closed'
  if (error instanceof errors.ClientDestroyedError) return 'destroyed'
  if (error.code !== 'UND_ERR_INFO') return error.code === 'UND_ERR_SOCKET' ? 'server_closed' : 'reset'
  if (error.message === 'reset') return 'connection_close'
  if (error.message === 'aborted') return 'aborted'
  if (error.message === 'upgrade') return 'upgrade'
  if (error.message.includes('GOAWAY')) return 'goaway'
  return 'server_closed'
}

function ignore(): void {}
