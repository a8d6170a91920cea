/** Servers on 127.0.0.1 that are measured and probed. They count what reaches them. */
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import http from 'node:http'
import http2 from 'node:http2'
import https from 'node:https'
import net from 'node:net'
import type { AddressInfo, Server, Socket } from 'node:net'

const files = new URL('../../../keepwarm/test/support/', import.meta.url)

/** A key and a certificate for localhost and 127.0.0.1 that everybody has: for tests alone. */
export const testOnly = {
  key: readFileSync(new URL('test-only-key.pem', files)),
  cert: readFileSync(new URL('test-only-cert.pem', files)),
}

/** The file with the authority that the certificate needs. */
export const authority: string = new URL('test-only-cert.pem', files).pathname

export interface Target extends AsyncDisposable {
  readonly origin: string
  readonly port: number
  /** Sockets that came so far, and the most that were open at once. */
  readonly sockets: { readonly total: number; readonly peak: number }
  /** Requests that came, each as `GET /path`. */
  readonly requests: readonly string[]
}

/** Starts a server on a free port. `requests` is for whoever reads them himself. */
async function listen(server: Server, scheme = 'http', requests: string[] = []): Promise<Target> {
  const open = new Set<Socket>()
  const sockets = { total: 0, peak: 0 }
  server.on('connection', (socket: Socket) => {
    open.add(socket.on('error', () => {}).on('close', () => open.delete(socket)))
    sockets.total++
    sockets.peak = Math.max(sockets.peak, open.size)
  })
  server.on('request', ({ method, url }: http.IncomingMessage) => requests.push(`${method} ${url}`))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    ...{ origin: `${scheme}://127.0.0.1:${port}`, port, sockets, requests },
    [Symbol.asyncDispose]: async () => {
      const closed = once(server, 'close')
      server.close()
      for (const socket of open) socket.destroy()
      await closed
    },
  }
}

const hello: http.RequestListener = (request, response) => {
  request.resume()
  response.end('hello')
}

export interface HttpOptions extends http.ServerOptions {
  readonly maxRequestsPerSocket?: number
}

export function startHttp(options: HttpOptions = {}, listener = hello): Promise<Target> {
  const { maxRequestsPerSocket = 0, ...others } = options
  const server = http.createServer({ keepAliveTimeout: 60_000, ...others }, listener)
  return listen(Object.assign(server, { maxRequestsPerSocket }))
}

export function startHttps(options: https.ServerOptions = {}): Promise<Target> {
  return listen(https.createServer({ keepAliveTimeout: 60_000, ...testOnly, ...options }, hello), 'https')
}

export function startHttp2(
  options: http2.SecureServerOptions = {},
  onSession: (session: http2.ServerHttp2Session) => void = () => {},
): Promise<Target> {
  const server = http2.createSecureServer({ ...testOnly, ...options }, (_, response) => response.end('hello'))
  server.on('sessionError', () => {})
  server.on('session', (session) => onSession(session.on('error', () => {})))
  return listen(server, 'https')
}

/** Answers raw requests without bodies: `answer` gets the head of each and its number on its connection, from 1. */
export function startRaw(answer: (socket: Socket, head: string, number: number) => void): Promise<Target> {
  const requests: string[] = []
  const server = net.createServer((socket) => {
    let text = ''
    let number = 0
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1')
      for (let end = text.indexOf('\r\n\r\n'); end !== -1; end = text.indexOf('\r\n\r\n')) {
        const head = text.slice(0, end)
        text = text.slice(end + 4)
        requests.push(head.split(' ', 2).join(' '))
        answer(socket, head, ++number)
      }
    })
  })
  return listen(server, 'http', requests)
}

/** A complete HTTP/1.1 response with five bytes. */
export const rawHello = (headers = ''): string =>
  `HTTP/1.1 200 OK\r\ncontent-length: 5\r\n${headers}\r\nhello`
