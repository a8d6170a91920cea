/** A server whose connections become something else than HTTP. */
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import type http from 'node:http'
import type { Duplex } from 'node:stream'
import { startHttp, startHttps, type TestServer } from './servers.ts'

/** Upgrades to `echo` and to WebSocket, and tunnels: whatever comes then is sent back. */
export async function startUpgrading(secure = false): Promise<TestServer<http.Server>> {
  const server = await (secure ? startHttps() : startHttp())
  server.server.on('upgrade', (request, socket: Duplex) => {
    socket.on('error', () => {})
    if (request.headers.upgrade === 'websocket') return acceptWebSocket(request, socket)
    socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\n')
    socket.pipe(socket)
  })
  server.server.on('connect', (_request, socket: Duplex) => {
    socket.on('error', () => {})
    socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
    socket.pipe(socket)
  })
  return server
}

/** The handshake, and an echo of short messages. */
function acceptWebSocket(request: http.IncomingMessage, socket: Duplex): void {
  const accept = createHash('sha1')
    .update(`${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
    .digest('base64')
  socket.write(
    'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
      `Sec-WebSocket-Accept: ${accept}\r\n\r\n`,
  )
  socket.on('data', (frame: Buffer) => {
    const length = frame[1]! & 0x7f
    const mask = frame.subarray(2, 6)
    const payload = frame.subarray(6, 6 + length).map((byte, i) => byte ^ mask[i % 4]!)
    socket.write(Buffer.concat([Buffer.from([frame[0]!, length]), payload]))
    if ((frame[0]! & 0x0f) === 8) socket.end()
  })
}

/** What a socket sends back. */
export async function echo(socket: Duplex, word: string): Promise<string> {
  socket.write(word)
  const [chunk] = (await once(socket, 'data')) as [Buffer]
  return chunk.toString()
}
