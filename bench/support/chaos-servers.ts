/** What the servers of the chaos do with a request: a good answer, or the fault that it names. */
import type { IncomingMessage, Server as HttpServer, ServerResponse } from 'node:http'
import {
  constants,
  type Http2SecureServer,
  type Http2Session,
  type IncomingHttpHeaders,
  type ServerHttp2Stream,
} from 'node:http2'
import type { Socket } from 'node:net'
import type { Readable } from 'node:stream'
import type { ChaosBooks } from './chaos-books.ts'
import { answer, h1Faults } from './chaos-h1-faults.ts'
import { answerStream, h2Faults, takeOn } from './chaos-h2-faults.ts'
import { readPath } from './chaos-plan.ts'
import type { FaultyServer } from './faulty-server.ts'

/** Whether a request that names a fault meets it. */
export type Strikes = () => boolean

export function serveH1(place: FaultyServer<HttpServer>, books: ChaosBooks, strikes: Strikes): void {
  const serve = (request: IncomingMessage, response: ServerResponse): void => {
    const { fault, id } = readPath(request.url ?? '')
    const { socket } = request
    const raw = place.rawOf(socket)
    if (raw === undefined) return void socket.destroy()
    response.on('error', () => {})
    request.on('error', () => {})
    books.arrived(id, request.method ?? '', request.headers['idempotency-key'] !== undefined)
    const strike = h1Faults[fault]
    if (strike !== undefined && strikes()) {
      request.resume()
      return strike({ id, request, response, socket, raw })
    }
    listen(request, request.method === 'POST', id, books, () => answer(id, response))
  }
  place.server.on('request', serve)
  place.server.on('clientError', (_error, socket) => socket.destroy())
}

export function serveH2(place: FaultyServer<Http2SecureServer>, books: ChaosBooks, strikes: Strikes): void {
  const serve = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void => {
    stream.on('error', () => {})
    if (stream.session === undefined || !takeOn(stream)) return stream.close(constants.NGHTTP2_REFUSED_STREAM)
    const { fault, id } = readPath(headers[':path'] ?? '')
    const method = headers[':method'] ?? ''
    const strike = h2Faults[fault]
    const struck = strike !== undefined && strikes()
    // What is refused in this way counts as never taken on: the client may send it again, whatever it is.
    if (struck && fault === 'refused_stream') return stream.close(constants.NGHTTP2_REFUSED_STREAM)
    books.arrived(id, method, headers['idempotency-key'] !== undefined)
    if (!struck) return listen(stream, method === 'POST', id, books, () => answerStream(id, stream))
    stream.resume()
    strike({ id, stream, raw: place.rawOf(stream.session.socket) })
  }
  place.server.on('stream', serve)
  place.server.on('session', (session) => endSocket(session, place.rawOf(session.socket)))
  place.server.on('sessionError', () => {})
}

/** Node's server no longer reads from the socket of a session that is over, and so may not see that the client closed it. */
function endSocket(session: Http2Session, socket: Socket | undefined): void {
  session.once('close', () => setTimeout(() => socket?.destroy(), 1_000))
}

/** Answers when the whole request is there, every third time a moment later. */
function listen(body: Readable, upload: boolean, id: number, books: ChaosBooks, then: () => void): void {
  const chunks: Buffer[] = []
  body.on('data', (chunk: Buffer) => chunks.push(chunk))
  body.once('end', () => {
    if (upload && !aborted(body)) books.uploaded(id, Buffer.concat(chunks).toString('latin1'))
    if (id % 3 > 0) then()
    else setTimeout(then, Math.random() * 8)
  })
}

/** HTTP/2 streams end in this way, too. */
function aborted(body: Readable & { readonly aborted?: unknown }): boolean {
  return body.aborted === true
}
