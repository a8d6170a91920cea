/** Small servers on 127.0.0.1 that count their sockets: what the pool says of itself is checked against them. */
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import http from 'node:http'
import http2 from 'node:http2'
import https from 'node:https'
import net from 'node:net'
import tls from 'node:tls'
import type { AddressInfo, Server, Socket } from 'node:net'

/** A key and a certificate for localhost and 127.0.0.1 that everybody has: for tests alone. */
export const testOnly = {
  key: readFileSync(new URL('test-only-key.pem', import.meta.url)),
  cert: readFileSync(new URL('test-only-cert.pem', import.meta.url)),
}

/** What a client needs to believe the test servers. */
export const trust = { ca: testOnly.cert }

export class TestServer<S extends Server = Server> {
  readonly server: S
  readonly scheme: 'http' | 'https'
  /** Sockets now, at most at once, and in all. */
  open = 0
  peak = 0
  total = 0
  /** Requests that began. */
  requests = 0
  readonly sockets: Set<Socket> = new Set()

  constructor(server: S, scheme: 'http' | 'https') {
    this.server = server
    this.scheme = scheme
    server.on('request', ({ httpVersionMajor }: http.IncomingMessage) => {
      if (httpVersionMajor === 1) this.requests++ // of HTTP/2 the streams are counted
    })
    server.on('stream', () => this.requests++)
    server.on('connection', (socket: Socket) => {
      this.total++
      this.peak = Math.max(this.peak, ++this.open)
      this.sockets.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => {
        this.open--
        this.sockets.delete(socket)
      })
    })
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port
  }

  /** `http://127.0.0.1:port` */
  get origin(): string {
    return `${this.scheme}://127.0.0.1:${this.port}`
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.server, 'close')
    this.server.close()
    for (const socket of this.sockets) socket.destroy()
    await closed
  }
}

async function listening<S extends Server>(
  server: S,
  scheme: 'http' | 'https' = 'http',
): Promise<TestServer<S>> {
  const started = new TestServer(server, scheme)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return started
}

const hello: http.RequestListener = (request, response) => {
  request.resume()
  response.end('hello')
}

/** An HTTP/1.1 server; without a listener it answers `hello`. */
export function startHttp(
  listener: http.RequestListener = hello,
  options: http.ServerOptions = {},
): Promise<TestServer<http.Server>> {
  return listening(http.createServer({ keepAliveTimeout: 60_000, ...options }, listener))
}

/** The same over TLS. */
export function startHttps(
  listener: http.RequestListener = hello,
  options: https.ServerOptions = {},
): Promise<TestServer<https.Server>> {
  return listening(
    https.createServer({ keepAliveTimeout: 60_000, ...testOnly, ...options }, listener),
    'https',
  )
}

/** A server that speaks only the bytes it is told to. */
export function startRaw(onSocket: (socket: Socket) => void): Promise<TestServer<net.Server>> {
  return listening(net.createServer(onSocket))
}

/** The same over TLS. */
export function startRawTls(
  onSocket: (socket: tls.TLSSocket) => void,
  options: tls.TlsOptions = {},
): Promise<TestServer<tls.Server>> {
  return listening(tls.createServer({ ...testOnly, ...options }, onSocket), 'https')
}

/** An HTTP/2 server. */
export function startH2(
  onStream: (stream: http2.ServerHttp2Stream, headers: http2.IncomingHttpHeaders) => void,
  options: http2.SecureServerOptions = {},
): Promise<TestServer<http2.Http2SecureServer>> {
  const server = http2.createSecureServer({ ...testOnly, ...options })
  server.on('stream', (stream: http2.ServerHttp2Stream, headers) => {
    stream.on('error', () => {})
    onStream(stream, headers)
  })
  server.on('sessionError', () => {})
  return listening(server, 'https')
}

/** Reads raw requests without bodies and calls `answer` for each; returns nothing of what is left over. */
export function eachRequest(socket: Socket, answer: (head: string, number: number) => void): void {
  let text = ''
  let number = 0
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1')
    for (let end = text.indexOf('\r\n\r\n'); end !== -1; end = text.indexOf('\r\n\r\n')) {
      const head = text.slice(0, end)
      text = text.slice(end + 4)
      answer(head, ++number)
    }
  })
}

/** A complete HTTP/1.1 response. */
export function rawResponse(body: string, headers = ''): string {
  return `HTTP/1.1 200 OK\r\nContent-Length: ${Buffer.byteLength(body)}\r\n${headers}\r\n${body}`
}
