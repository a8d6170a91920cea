/**
 * Looks after the streams of the pool's HTTP/2 sessions, in matters that undici leaves open.
 *
 * *Aborts.* undici closes and destroys the stream without an error code; Node then often sends no reset, so that the
 * server goes on (and counts the stream against its limit), its late headers become a second stream whose error
 * nobody hears and which so ends the process, and an unfinished upload makes Node's HTTP/2 code run in circles for
 * ever. With the code CANCEL, which says what happened, none of this comes about.
 *
 * *GOAWAY.* undici closes the streams that the server did not process with the code REFUSED_STREAM and keeps their
 * requests until all others of the session are over. The requests are told, so that they can go elsewhere at once.
 *
 * *Uploads.* Of a body that is a stream undici tells nothing while it is sent, so that it would seem to stand still. What goes
 * through its pipe is told.
 *
 * *Memory.* The timer that undici sets on a stream would run on when its session is destroyed, for minutes, and hold the
 * stream, its session, its socket and its request.
 *
 * Node publishes every stream as it is made; those over the pool's own sockets are looked after here. It is also how
 * a connection comes to know its session, which undici keeps to itself.
 */
import { subscribe } from 'node:diagnostics_channel'
import { constants, type ClientHttp2Session, type ClientHttp2Stream } from 'node:http2'
import type { Socket } from 'node:net'
import type { Readable } from 'node:stream'

/** A request that is told what becomes of its stream. */
export interface StreamOwner {
  /** A GOAWAY left it out. */
  turnedAway(): void
  /** The server refused it: REFUSED_STREAM. */
  refused(): void
  /** A part of its body was given to the stream. */
  onBodySent(chunk: Buffer): void
}

/** The connection that a session is of. */
export interface SessionKeeper {
  /** Told with every stream. */
  found(session: ClientHttp2Session): void
  /** A stream is reset from this side, with so many bytes still to be sent. */
  reset(unsent: number): void
}

const ours: unique symbol = Symbol('keepwarm')
const owner: unique symbol = Symbol('keepwarm owner')
let watching = false
let next: StreamOwner | undefined

/** The streams of an HTTP/2 session over this socket are looked after. */
export function tendStreams(socket: Socket, keeper: SessionKeeper): void {
  ;(socket as Ours)[ours] = keeper
  if (watching) return
  watching = true
  subscribe('http2.client.stream.created', (message) => {
    const { stream } = message as { stream: Tended }
    const { session } = stream
    const socket: Ours | undefined = session?.socket
    const keeper = socket?.[ours]
    if (keeper === undefined) return
    keeper.found(session as ClientHttp2Session)
    stream[ours] = keeper
    stream[owner] = next
    next = undefined
    stream.on('error', heard)
    stream.on('close', forget)
    stream.on('pipe', piped)
    stream.close = close
    stream.destroy = destroy
  })
}

/** The stream that is made next, in this turn, carries this request: undici starts it just before. */
export function streamIsFor(request: StreamOwner): void {
  next = request
}

/** Tells when the session is destroyed. Its own events come only when its socket is closed, and that may take a while. */
export function whenDestroyed(session: ClientHttp2Session, tell: (error: Error | undefined) => void): void {
  const original = Object.getPrototypeOf(session) as ClientHttp2Session
  session.destroy = (error, code): void => {
    const before = session.destroyed
    original.destroy.call(session, error, code)
    if (!before) tell(error instanceof Error ? error : undefined)
  }
}

type Ours = Socket & { [ours]?: SessionKeeper }
/** As Node has it; the types leave the callback out. */
type DestroyedWith = Pick<ClientHttp2Stream, 'setTimeout'> & {
  destroy(error?: Error, callback?: () => void): ClientHttp2Stream
}
type Tended = ClientHttp2Stream & {
  [owner]?: StreamOwner | undefined
  [ours]?: SessionKeeper | undefined
}

/**
 * Node tells that the stream is aborted before it sends the reset. The pipe of an upload destroys the stream when it hears
 * that; then there is no reset, and Node sends empty frames of the upload without end. So the pipe hears of it afterwards.
 */
function close(this: Tended, code?: number, callback?: () => void): void {
  const stream = Object.getPrototypeOf(this) as ClientHttp2Stream
  const told = this.rawListeners('aborted') as (() => void)[]
  this.removeAllListeners('aborted')
  const before = this.aborted
  if (!this.closed) this[ours]?.reset(this.bufferSize)
  stream.close.call(this, code ?? constants.NGHTTP2_CANCEL, callback)
  for (const listener of told) this.on('aborted', listener)
  if (this.aborted && !before) this.emit('aborted')
  if (code !== constants.NGHTTP2_REFUSED_STREAM) return
  const request = this[owner]
  this[owner] = undefined
  request?.turnedAway()
}

/** Of a stream that is destroyed before it is closed Node cannot end the timer any more. */
function destroy(this: Tended, error?: Error, callback?: () => void): Tended {
  const stream = Object.getPrototypeOf(this) as DestroyedWith
  if (!this.destroyed) stream.setTimeout.call(this, 0)
  return stream.destroy.call(this, error, callback) as Tended
}

/** It is heard before undici hears it, which may send the request again at once. */
function heard(this: Tended): void {
  if (this.rstCode === constants.NGHTTP2_REFUSED_STREAM) this[owner]?.refused()
}

/** Only streams are piped; of other bodies undici tells by itself. */
function piped(this: Tended, source: Readable): void {
  source.on('data', (chunk: Buffer) => this[owner]?.onBodySent(chunk))
}

function forget(this: Tended): void {
  this[owner] = this[ours] = undefined
}
