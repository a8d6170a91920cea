/**
 * Looks after the streams of the pool's HTTP/2 sessions, in two matters that undici leaves open.
 *
 * *Aborts.* undici closes and destroys the stream without an error code; Node then often sends no reset, so that the
 * server goes on (and counts the stream against its limit), its late headers become a second stream whose error
 * nobody hears and which so ends the process, and an unfinished upload makes Node's HTTP/2 code run in circles for
 * ever. With the code CANCEL, which says what happened, none of this comes about.
 *
 * *GOAWAY.* undici closes the streams that the server did not process with the code REFUSED_STREAM and keeps their
 * requests until all others of the session are over. The requests are told, so that they can go elsewhere at once.
 *
 * Node publishes every stream as it is made; those over the pool's own sockets are looked after here. It is also how
 * a connection comes to know its session, which undici keeps to itself.
 */
import { subscribe } from 'node:diagnostics_channel'
import { constants, type ClientHttp2Session, type ClientHttp2Stream } from 'node:http2'
import type { Socket } from 'node:net'

/** A request that is told when its stream was turned away. */
export interface StreamOwner {
  turnedAway(): void
}

const ours: unique symbol = Symbol('keepwarm')
const owner: unique symbol = Symbol('keepwarm owner')
let watching = false
let next: StreamOwner | undefined

/**
 * The streams of an HTTP/2 session over this socket are looked after.
 * @param found Told of the session with each stream.
 */
export function tendStreams(socket: Socket, found: (session: ClientHttp2Session) => void): void {
  ;(socket as Ours)[ours] = found
  if (watching) return
  watching = true
  subscribe('http2.client.stream.created', (message) => {
    const { stream } = message as { stream: Tended }
    const { session } = stream
    const found = (session?.socket as Ours | undefined)?.[ours]
    if (found === undefined) return
    found(session as ClientHttp2Session)
    stream[owner] = next
    next = undefined
    stream.on('error', ignore)
    stream.close = close
  })
}

/** The stream that is made next, in this turn, carries this request: undici starts it just before. */
export function streamIsFor(request: StreamOwner): void {
  next = request
}

type Ours = Socket & { [ours]?: (session: ClientHttp2Session) => void }
type Tended = ClientHttp2Stream & { [owner]?: StreamOwner | undefined }

/**
 * Node tells that the stream is aborted before it sends the reset. The pipe of an upload destroys the stream when it hears
 * that; then there is no reset, and Node sends empty frames of the upload without end. So the pipe hears of it afterwards.
 */
function close(this: Tended, code?: number, callback?: () => void): void {
  const stream = Object.getPrototypeOf(this) as ClientHttp2Stream
  const told = this.rawListeners('aborted') as (() => void)[]
  this.removeAllListeners('aborted')
  const before = this.aborted
  stream.close.call(this, code ?? constants.NGHTTP2_CANCEL, callback)
  for (const listener of told) this.on('aborted', listener)
  if (this.aborted && !before) this.emit('aborted')
  if (code === constants.NGHTTP2_REFUSED_STREAM) this[owner]?.turnedAway()
}

function ignore(): void {}
