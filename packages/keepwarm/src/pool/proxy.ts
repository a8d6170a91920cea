/** Proxies: what an option or a variable says, checked, and turned into somebody who can open a way to an origin. */
import { validateHeaderName, validateHeaderValue } from 'node:http'
import type { Socket } from 'node:net'
import type { buildConnector } from 'undici'
import type { ConfigProblem } from '../errors.ts'
import { maskedUrl } from '../masked-url.ts'
import { openBySocks5 } from './socks5.ts'
import { openByConnect } from './tunnel-connect.ts'

/** A proxy with more than its address. */
export interface ProxyOptions {
  /** `http://host:3128`, `https://…` or `socks5://…`; a user name and password are sent to the proxy alone. */
  readonly url: string | URL
  /** Sent to the proxy with every CONNECT, never to an origin. Not for SOCKS. */
  readonly headers?: Readonly<Record<string, string>>
  /** TLS and socket options towards the proxy. Those of the pool's own `connect` are for the origins. */
  readonly connect?: buildConnector.BuildOptions
}

/** The other end of a tunnel. */
export interface Destination {
  /** A name or an address, without brackets. */
  readonly host: string
  readonly port: number
}

/** A proxy that can be dialed. Its credentials are inside `open`, where no inspection and no message finds them. */
export interface Proxy {
  readonly protocol: 'http:' | 'https:'
  readonly hostname: string
  readonly port: string
  /** For messages: the address without credentials. */
  readonly label: string
  readonly connect: buildConnector.BuildOptions
  /** On a connection to the proxy: asks for the way. Rejects with a ProxyError. */
  readonly open: (socket: Socket, to: Destination) => Promise<void>
}

interface Credentials {
  readonly username: string
  readonly password: string
}

const kinds: Readonly<Record<string, 'http' | 'https' | 'socks5'>> = {
  'http:': 'http',
  'https:': 'https',
  'socks5:': 'socks5',
  'socks5h:': 'socks5',
}

const defaultPorts = { http: '80', https: '443', socks5: '1080' }

const example = 'proxy: "http://proxy:3128"'

/**
 * Reads a proxy.
 * @param variable the option or environment variable, for messages
 * @param problems gets what is wrong with it; then the result is undefined
 */
export function readProxy(
  variable: string,
  { url: address, headers = {}, connect = {} }: ProxyOptions,
  problems: ConfigProblem[],
): Proxy | undefined {
  const wrong = (expected: string): undefined => {
    problems.push({ variable, received: JSON.stringify(maskedUrl(String(address))), expected, fix: example })
  }
  const url = URL.canParse(String(address)) ? new URL(String(address)) : undefined
  const kind = url && kinds[url.protocol]
  if (url === undefined || kind === undefined || url.hostname === '') {
    return wrong('a URL that begins with http://, https:// or socks5:// and names the proxy')
  }
  if (!/^\/?$/.test(url.pathname) || url.search !== '' || url.hash !== '') {
    return wrong('no path, query or fragment behind the host and port')
  }
  const credentials = readCredentials(url)
  if (credentials === 'malformed')
    return wrong('a user name and password whose percent signs are written %25')
  if (kind === 'socks5') return socks5Proxy(url, { headers, connect }, credentials, wrong)
  const found = problems.length
  checkHeaders(`${variable}.headers`, headers, credentials !== undefined, problems)
  return problems.length > found ? undefined : connectProxy(url, kind, { headers, connect }, credentials)
}

type Rest = Required<Omit<ProxyOptions, 'url'>>

function connectProxy(
  url: URL,
  kind: 'http' | 'https',
  { headers, connect }: Rest,
  credentials: Credentials | undefined,
): Proxy {
  const place = addressOf(url, kind)
  const sent = { ...headers, ...(credentials && { 'proxy-authorization': basic(credentials) }) }
  return {
    ...place,
    protocol: `${kind}:`,
    connect,
    open: (socket, to) => openByConnect(socket, to, place.label, sent),
  }
}

function socks5Proxy(
  url: URL,
  { headers, connect }: Rest,
  credentials: Credentials | undefined,
  wrong: (expected: string) => undefined,
): Proxy | undefined {
  if (Object.keys(headers).length > 0) return wrong('no headers: SOCKS has none')
  const { username, password } = credentials ?? { username: '', password: '' }
  if (Buffer.byteLength(username) > 255 || Buffer.byteLength(password) > 255) {
    return wrong('a user name and a password of at most 255 bytes each')
  }
  const place = addressOf(url, 'socks5')
  return {
    ...place,
    protocol: 'http:', // the connection to it is plain TCP
    connect,
    open: (socket, to) => openBySocks5(socket, to, place.label, credentials),
  }
}

function addressOf(url: URL, kind: keyof typeof defaultPorts): Pick<Proxy, 'hostname' | 'port' | 'label'> {
  const port = url.port === '' ? defaultPorts[kind] : url.port
  return {
    hostname: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port,
    label: `${kind}://${url.hostname}:${port}`,
  }
}

function readCredentials({ username, password }: URL): Credentials | 'malformed' | undefined {
  if (username === '' && password === '') return undefined
  try {
    return { username: decodeURIComponent(username), password: decodeURIComponent(password) }
  } catch {
    return 'malformed'
  }
}

function basic({ username, password }: Credentials): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
}

const ours = new Set(['host', 'connection', 'content-length', 'transfer-encoding'])

/** Values may be credentials and are never shown. */
function checkHeaders(
  variable: string,
  headers: Readonly<Record<string, unknown>>,
  authorized: boolean,
  problems: ConfigProblem[],
): void {
  for (const [name, value] of Object.entries(headers)) {
    const wrong = (expected: string): unknown =>
      problems.push({ variable, received: JSON.stringify(name), expected })
    if (ours.has(name.toLowerCase())) wrong('headers that CONNECT does not set by itself')
    else if (authorized && name.toLowerCase() === 'proxy-authorization') {
      wrong('credentials in one place: the URL or this header')
    } else if (!isHeader(name, value)) wrong('names and values that HTTP allows in a header')
  }
}

function isHeader(name: string, value: unknown): boolean {
  if (typeof value !== 'string') return false
  try {
    validateHeaderName(name)
    validateHeaderValue(name, value)
    return true
  } catch {
    return false
  }
}
