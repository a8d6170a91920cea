/**
 * A request over HTTP/2 that is aborted while its response headers are under way leaves something behind: Node makes
 * a second stream of those headers, of which nobody knows, and when the session then ends with an error, that stream
 * emits it, unheard. An unheard error ends the process. So the streams of our own sockets are all heard.
 */
import { subscribe } from 'node:diagnostics_channel'
import type { ClientHttp2Stream } from 'node:http2'
import type { Socket } from 'node:net'

const ours: unique symbol = Symbol('keepwarm')
let watching = false

/** No stream of an HTTP/2 session over this socket can end the process. */
export function hearAllStreams(socket: Socket): void {
  ;(socket as Marked)[ours] = true
  if (watching) return
  watching = true
  subscribe('http2.client.stream.created', (message) => {
    const { stream } = message as { stream: ClientHttp2Stream }
    const over = stream.session?.socket as Marked | undefined
    if (over?.[ours] === true) stream.on('error', ignore)
  })
}

type Marked = Socket & { [ours]?: boolean }

function ignore(): void {}
