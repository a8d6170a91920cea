/** Real proxies on 127.0.0.1. Whatever name they are asked for, they connect to 127.0.0.1. */
import type http from 'node:http'
import net from 'node:net'
import type { Socket } from 'node:net'
import { startHttp, startHttps, startRaw, type TestServer } from './servers.ts'
import { sleep } from './wait.ts'

export interface Asked {
  /** `host:port` as it was asked for. */
  readonly authority: string
  readonly headers: http.IncomingHttpHeaders
}

export interface TestProxy extends AsyncDisposable {
  readonly server: TestServer
  /** What it was asked for, in order. */
  readonly asked: Asked[]
  readonly url: string
  /** The URL with a user name and password. */
  readonly authorized: string
}

export const password = 'sec/ret@42'

/** @param judge says the whole head of the answer, or nothing when the way is free. */
export async function startProxy(
  scheme: 'http' | 'https' = 'http',
  judge: (request: http.IncomingMessage) => string | undefined = () => undefined,
): Promise<TestProxy> {
  const refuse: http.RequestListener = (_, response) => void response.writeHead(400).end('CONNECT only')
  const server: TestServer<http.Server> = await (scheme === 'https' ? startHttps : startHttp)(refuse)
  const asked: Asked[] = []
  server.server.on('connect', (request, socket: Socket, head: Buffer) => {
    asked.push({ authority: request.url!, headers: request.headers })
    const refusal = judge(request)
    if (refusal !== undefined) return void socket.end(`HTTP/1.1 ${refusal}\r\n\r\n`)
    join(socket, request.url!, () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
      if (head.length > 0) socket.unshift(head)
    })
  })
  return proxyOf(server, scheme, asked)
}

/** Lets nobody through who has not the password. */
export function startGuardedProxy(scheme: 'http' | 'https' = 'http'): Promise<TestProxy> {
  const expected = `Basic ${Buffer.from(`me:${password}`).toString('base64')}`
  return startProxy(scheme, ({ headers }) =>
    headers['proxy-authorization'] === expected ? undefined : '407 Proxy Authentication Required',
  )
}

export interface SocksRules {
  readonly guarded?: boolean
  /** Its reply; 0 opens the way. */
  readonly reply?: number
}

/** A SOCKS 5 proxy for well-behaved clients: each of their messages comes whole. */
export async function startSocks5({ guarded = false, reply = 0 }: SocksRules = {}): Promise<TestProxy> {
  const asked: Asked[] = []
  const server = await startRaw((socket) => {
    void serveSocks(socket, guarded, reply, asked).catch(() => socket.destroy())
  })
  return proxyOf(server, 'socks5', asked)
}

async function serveSocks(socket: Socket, guarded: boolean, reply: number, asked: Asked[]): Promise<void> {
  const methods = (await message(socket)).subarray(2)
  const method = guarded ? 2 : 0
  if (!methods.includes(method)) return void socket.end(Uint8Array.of(5, 255))
  socket.write(Uint8Array.of(5, method))
  if (guarded && !(await knows(socket))) return void socket.end(Uint8Array.of(1, 1))
  const authority = readRequest(await message(socket))
  asked.push({ authority, headers: {} })
  // Where it bound, as a name, in pieces: clients must not count on one length, nor on one packet.
  const bound = [5, reply, 0, 3, 5, ...Buffer.from('bound'), 0, 80]
  if (reply !== 0) return void socket.end(Uint8Array.from(bound))
  join(socket, authority, async () => {
    socket.write(Uint8Array.from(bound.slice(0, 3)))
    await sleep(3)
    socket.write(Uint8Array.from(bound.slice(3)))
  })
}

async function knows(socket: Socket): Promise<boolean> {
  const bytes = await message(socket)
  const known = bytes.equals(Buffer.from(`\x01\x02me${String.fromCharCode(password.length)}${password}`))
  if (known) socket.write(Uint8Array.of(1, 0))
  return known
}

function readRequest(bytes: Buffer): string {
  const port = bytes.readUInt16BE(bytes.length - 2)
  const address = bytes.subarray(4, -2)
  if (bytes[3] === 1) return `${address.join('.')}:${port}`
  if (bytes[3] === 3) return `${address.subarray(1).toString()}:${port}`
  return `[${address.toString('hex')}]:${port}`
}

function message(socket: Socket): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    socket.once('close', () => reject(new Error('the client left')))
    socket.once('data', (bytes: Buffer) => {
      socket.pause()
      resolve(bytes)
    })
    socket.resume()
  })
}

function join(client: Socket, authority: string, open: () => unknown): void {
  const port = Number(authority.slice(authority.lastIndexOf(':') + 1))
  const origin = net.connect({ host: '127.0.0.1', port }, async () => {
    await open()
    client.pipe(origin).pipe(client)
  })
  const end = (): void => {
    origin.destroy()
    client.destroy()
  }
  for (const socket of [client, origin]) socket.on('error', end).on('close', end)
}

function proxyOf(server: TestServer, scheme: string, asked: Asked[]): TestProxy {
  const host = `127.0.0.1:${server.port}`
  return {
    server,
    asked,
    url: `${scheme}://${host}`,
    authorized: `${scheme}://me:${encodeURIComponent(password)}@${host}`,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
}
