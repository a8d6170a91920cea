/** SOCKS 5 (RFC 1928), client side, CONNECT only: without authentication or with user name and password (RFC 1929). */
import { isIPv4, isIPv6, type Socket } from 'node:net'
import { ProxyError } from './proxy-error.ts'
import type { Destination } from './proxy.ts'

const VERSION = 5
const CONNECT = 1
const NO_AUTHENTICATION = 0
const PASSWORD = 2
const PASSWORD_VERSION = 1
const IPV4 = 1
const NAME = 3
const IPV6 = 4

const replies: Readonly<Record<number, string>> = {
  1: 'general failure',
  2: 'not allowed by its rules',
  3: 'network unreachable',
  4: 'host unreachable',
  5: 'connection refused',
  6: 'time to live expired',
  7: 'command not supported',
  8: 'address type not supported',
}

/** Asks the proxy for a way. The socket is then as if it had just been connected to the destination. */
export async function openBySocks5(
  socket: Socket,
  to: Destination,
  proxy: string,
  credentials: { readonly username: string; readonly password: string } | undefined,
): Promise<void> {
  const fail = (what: string): never => {
    throw new ProxyError(proxy, `the proxy ${proxy} ${what}`)
  }
  const methods = credentials === undefined ? [NO_AUTHENTICATION] : [NO_AUTHENTICATION, PASSWORD]
  socket.write(Uint8Array.of(VERSION, methods.length, ...methods))
  const [version, method] = await take(socket, 2, proxy)
  if (version !== VERSION) fail('does not speak SOCKS 5')
  if (method === PASSWORD && credentials !== undefined) {
    socket.write(passwordMessage(credentials))
    const [, status] = await take(socket, 2, proxy)
    if (status !== 0) fail('refused the user name and password')
  } else if (method !== NO_AUTHENTICATION) {
    fail('accepts no way of ours to authenticate')
  }
  socket.write(Buffer.concat([Uint8Array.of(VERSION, CONNECT, 0), address(to, proxy), port(to)]))
  const [again, reply = 1, , type = 0] = await take(socket, 4, proxy)
  if (again !== VERSION) fail('does not speak SOCKS 5')
  if (reply !== 0) fail(`cannot reach ${to.host}:${to.port}: ${replies[reply] ?? `reply ${reply}`}`)
  await take(socket, (await boundLength(socket, type, proxy)) + 2, proxy) // where it bound; nobody needs it
}

function passwordMessage({ username, password }: { username: string; password: string }): Buffer {
  return Buffer.concat([Uint8Array.of(PASSWORD_VERSION), counted(username), counted(password)])
}

/** Names go as they are: the proxy resolves them. */
function address({ host }: Destination, proxy: string): Buffer {
  if (isIPv4(host)) return Buffer.from([IPV4, ...host.split('.').map(Number)])
  if (isIPv6(host)) return Buffer.from([IPV6, ...ipv6Bytes(host)])
  if (host.length > 255) throw new ProxyError(proxy, `the name ${host.slice(0, 30)}… is too long for SOCKS`)
  return Buffer.concat([Uint8Array.of(NAME), counted(host)])
}

/** A URL's host is in lower case, without zone, and an embedded IPv4 address is written in hexadecimal. */
function ipv6Bytes(host: string): number[] {
  const [before = '', after] = host.split('::')
  const groups = (text: string): number[] =>
    text === '' ? [] : text.split(':').map((hex) => parseInt(hex, 16))
  const start = groups(before)
  const end = after === undefined ? [] : groups(after)
  const zeros = Array<number>(8 - start.length - end.length).fill(0)
  return [...start, ...zeros, ...end].flatMap((group) => [group >> 8, group & 0xff])
}

function port({ port }: Destination): Uint8Array {
  return Uint8Array.of(port >> 8, port & 0xff)
}

function counted(text: string): Buffer {
  const bytes = Buffer.from(text)
  return Buffer.concat([Uint8Array.of(bytes.length), bytes])
}

async function boundLength(socket: Socket, type: number, proxy: string): Promise<number> {
  if (type === IPV4) return 4
  if (type === IPV6) return 16
  if (type !== NAME) throw new ProxyError(proxy, `the proxy ${proxy} does not speak SOCKS 5`)
  const [length = 0] = await take(socket, 1, proxy)
  return length
}

/** Exactly so many bytes; what follows them stays in the socket. */
function take(socket: Socket, count: number, proxy: string): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const read = (): void => {
      const bytes = socket.read(count) as Buffer | null
      if (bytes?.length === count) settle(() => resolve(bytes))
      else if (bytes !== null) lost() // the end came first, and this is all there was
    }
    const lost = (cause?: Error): void =>
      settle(() => {
        const message = `the proxy ${proxy} ended the connection in the middle of the SOCKS handshake`
        reject(new ProxyError(proxy, message, { cause }))
      })
    const close = (): void => lost()
    const settle = (tell: () => void): void => {
      socket.off('readable', read).off('end', close).off('close', close).off('error', lost)
      tell()
    }
    socket.on('readable', read).on('end', close).on('close', close).on('error', lost)
    if (socket.destroyed) lost()
    else read()
  })
}
