/**
 * Reading without a stream in between: an HTTP/1.1 socket hands what came straight to undici's parser.
 *
 * As a stream, a socket makes an ArrayBuffer of 64 kB for every read, shrinks it, keeps the rest in a queue of its own and
 * tells of it a tick later. Here all sockets read into one buffer (`onread` of net.connect and tls.connect), from which
 * the few bytes of an answer are copied, and `readable` is emitted in the same moment. A request costs less
 * (`npm run bench -- many-connections`), and leaves no ArrayBuffers to the garbage collector.
 *
 *     as a stream ──readDirectly──▶ direct ──readAsStream──▶ as a stream
 *      (unused)                   (HTTP/1.1)              (upgraded, tunnelled)
 */
import { Socket } from 'node:net'
import type { buildConnector } from 'undici'
import { inOneMoment } from '../runtime.ts'

/** As much as a socket reads at once, in bytes; and so much may be unread before it reads no further. */
const MOST = 65_536

const unread: unique symbol = Symbol('keepwarm.unread')

interface DirectSocket extends Socket {
  [unread]?: Unread | undefined
}

/** What came to a socket and was not asked for yet: one chunk, almost always. */
class Unread {
  private first: Buffer | null = null
  private readonly others: Buffer[] = []
  private bytes = 0
  /** Reading stopped, or somebody looked for the end: the stream has to be asked when all is read. */
  owesRead = false

  get isEmpty(): boolean {
    return this.first === null
  }

  get isFull(): boolean {
    return this.bytes >= MOST
  }

  add(chunk: Buffer): void {
    this.bytes += chunk.length
    if (this.first === null) this.first = chunk
    else this.others.push(chunk)
  }

  putBack(chunk: Buffer): void {
    this.bytes += chunk.length
    if (this.first !== null) this.others.unshift(this.first)
    this.first = chunk
  }

  take(): Buffer | null {
    const { first } = this
    if (first === null) return null
    this.bytes -= first.length
    this.first = this.others.length === 0 ? null : this.others.shift()!
    return first
  }
}

/**
 * For `net.connect` and `tls.connect`. Node calls back as a method of the socket, in the moment in which the bytes are
 * in the buffer: one buffer serves all.
 */
export const onread: { buffer: Uint8Array; callback: (bytes: number, buffer: Uint8Array) => boolean } = {
  buffer: Buffer.allocUnsafeSlow(MOST),
  callback(this: unknown, bytes: number, buffer: Uint8Array): boolean {
    const socket = this as DirectSocket
    const chunk = Buffer.allocUnsafe(bytes)
    ;(buffer as Buffer).copy(chunk, 0, 0, bytes)
    const waiting = socket[unread]
    if (waiting === undefined) return socket.push(chunk)
    waiting.add(chunk)
    inOneMoment(tellReadable, socket)
    if (!waiting.isFull) return true
    waiting.owesRead = true
    return false
  },
}

function tellReadable(socket: Socket): void {
  socket.emit('readable')
}

/** Those that read into the buffer. */
const direct = new WeakSet<Socket>()

/** Remembers which sockets of a connector that was given {@link onread} can be read directly: not TLS in a tunnel. */
export function remembering(connector: buildConnector.connector): buildConnector.connector {
  return (options, callback) =>
    connector(options, (...result) => {
      if (result[0] === null && options.httpSocket === undefined) direct.add(result[1])
      callback(...result)
    })
}

/** From now on `read()` gives what came, chunk by chunk. A socket that cannot be read so stays a stream. */
export function readDirectly(socket: DirectSocket): void {
  if (!direct.has(socket)) return
  socket[unread] = new Unread()
  socket.read = read
  socket.unshift = unshift
}

/** Whoever gets the socket now finds an ordinary stream. */
export function readAsStream(socket: object): void {
  const { [unread]: waiting } = socket as DirectSocket
  if (waiting === undefined) return
  const stream = socket as DirectSocket
  stream[unread] = undefined
  Reflect.deleteProperty(stream, 'read')
  Reflect.deleteProperty(stream, 'unshift')
  const rest: Buffer[] = []
  for (let chunk = waiting.take(); chunk !== null; chunk = waiting.take()) rest.push(chunk)
  if (rest.length > 0) stream.unshift(Buffer.concat(rest))
}

/**
 * With a size (0: begin to read, look for the end) it is the stream that is asked, when nothing is left to read. Not with
 * the last chunk: a part of it may be put back, and comes before the end.
 */
function read(this: DirectSocket, size?: number): Buffer | null {
  const waiting = this[unread]!
  const chunk = size === undefined ? waiting.take() : null
  if (chunk !== null) return chunk
  if (!waiting.isEmpty) waiting.owesRead = true
  else if (size !== undefined || waiting.owesRead) {
    waiting.owesRead = false
    Socket.prototype.read.call(this, size ?? 0)
  }
  return null
}

function unshift(this: DirectSocket, chunk: Buffer): void {
  if (chunk.length > 0) this[unread]!.putBack(chunk)
}
