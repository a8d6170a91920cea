/** What the conventions call what keepwarm knows. */
import type { Attributes } from '@opentelemetry/api'
import type { ConnectionFacts } from '../call-facts.ts'
import type { ErrorCode } from '../errors.ts'
import { serverAttributes } from '../observe/metrics/origin-names.ts'

const methods = 'GET,HEAD,POST,PUT,DELETE,CONNECT,OPTIONS,TRACE,PATCH,QUERY'

/** The environment replaces them all; the case of the letters counts. */
const known: ReadonlySet<string> = new Set(
  (process.env['OTEL_INSTRUMENTATION_HTTP_KNOWN_METHODS'] ?? methods).split(',').map((name) => name.trim()),
)

export const OTHER_METHOD = '_OTHER'

export function methodOf(method: string): string {
  return known.has(method) ? method : OTHER_METHOD
}

/** Why something is an error; nothing where it is none. What was cancelled is none. */
export function errorType(ended: {
  readonly status: number | undefined
  readonly code: ErrorCode | undefined
  readonly cancelled: boolean
}): string | undefined {
  if (ended.cancelled) return undefined
  if (ended.code !== undefined) return ended.code
  return ended.status !== undefined && ended.status >= 400 ? String(ended.status) : undefined
}

export function protocolVersion(connection: ConnectionFacts | undefined): string | undefined {
  return versionOf(connection?.protocol)
}

export function versionOf(protocol: 'http/1.1' | 'h2' | undefined): string | undefined {
  return protocol === undefined ? undefined : protocol === 'h2' ? '2' : '1.1'
}

const servers = new Map<string, Attributes>()
/** Servers that are remembered: to take an origin apart costs a microsecond. */
const MOST_SERVERS = 1_000

/** Who a server is, whichever and however many there are: spans are no time series. */
export function serverOf(origin: string): Attributes {
  const known = servers.get(origin)
  if (known !== undefined) return known
  const made = given(serverAttributes(origin))
  if (servers.size < MOST_SERVERS) servers.set(origin, made)
  return made
}

/** `address:port`, as sockets are shown. */
export function peerOf(address: string | undefined): Attributes {
  const at = address?.lastIndexOf(':') ?? -1
  if (address === undefined || at === -1) return {}
  return {
    'network.peer.address': address.slice(0, at).replace(/^\[|\]$/g, ''),
    'network.peer.port': Number(address.slice(at + 1)),
  }
}

/** Without those that are not known. */
export function given(attributes: Readonly<Record<string, string | number | undefined>>): Attributes {
  const all: Attributes = {}
  for (const name in attributes) if (attributes[name] !== undefined) all[name] = attributes[name]
  return all
}
