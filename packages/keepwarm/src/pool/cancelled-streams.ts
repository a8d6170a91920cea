/**
 * What an abort over HTTP/2 does to a stream. undici closes and destroys it without an error code; Node then often
 * sends no reset, so that the server goes on (and counts the stream against its limit), its late headers become a
 * second stream whose error nobody hears and which so ends the process, and an unfinished upload makes Node's
 * HTTP/2 code run in circles for ever. With the code CANCEL, which says what happened, none of this comes about.
 *
 * Node publishes every stream as it is made; those over the pool's own sockets are looked after here.
 */
import { subscribe } from 'node:diagnostics_channel'
import { constants, type ClientHttp2Stream } from 'node:http2'
import type { Socket } from 'node:net'

const ours: unique symbol = Symbol('keepwarm')
let watching = false

/** Aborts of requests over this socket, which speaks HTTP/2, reset their streams properly. */
export function cancelProperly(socket: Socket): void {
  ;(socket as Marked)[ours] = true
  if (watching) return
  watching = true
  subscribe('http2.client.stream.created', (message) => {
    const { stream } = message as { stream: ClientHttp2Stream }
    if ((stream.session?.socket as Marked | undefined)?.[ours] !== true) return
    stream.on('error', ignore)
    stream.close = closeOrCancel
  })
}

type Marked = Socket & { [ours]?: boolean }

function closeOrCancel(this: ClientHttp2Stream, code?: number, callback?: () => void): void {
  const { close } = Object.getPrototypeOf(this) as ClientHttp2Stream
  close.call(this, code ?? constants.NGHTTP2_CANCEL, callback)
}

function ignore(): void {}
