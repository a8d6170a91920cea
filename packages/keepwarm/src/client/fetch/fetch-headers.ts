/** Request headers as the standard has them, and those that every request gets. */
import { acceptEncoding } from '../decode/codings.ts'
import type { Reading } from '../decode/reading.ts'
import type { WireHeaders } from '../headers.ts'
import { trimmed } from '../trimmed.ts'
import type { Defaults } from '../wire-request.ts'
import type { FetchRequest } from './fetch-request.ts'

/**
 * Reads what `fetch` takes as headers: `Headers` of any make, pairs, or a record.
 * @throws TypeError for a name or value that cannot be sent; it does not show the value
 */
export function readHeaders(given: unknown): WireHeaders {
  if (given === undefined) return none
  if (typeof given !== 'object' || given === null)
    throw new TypeError(`fetch: headers are ${given === null ? 'null' : `a ${typeof given}`}; give an object`)
  const wire: WireHeaders = {}
  if (Symbol.iterator in given) for (const pair of given as Iterable<unknown>) addPair(wire, pair)
  else for (const name of Object.keys(given)) add(wire, name, (given as Record<string, unknown>)[name])
  return wire
}

const none: WireHeaders = {}

function addPair(wire: WireHeaders, pair: unknown): void {
  const parts = typeof pair === 'object' && pair !== null ? [...(pair as Iterable<unknown>)] : []
  if (parts.length !== 2) throw new TypeError('fetch: a header is not a pair of a name and a value')
  add(wire, String(parts[0]), parts[1])
}

const token = /^[!#$%&'*+\-.^_`|~\dA-Za-z]+$/
const edges = '\t\n\r '
/** What no header value may contain: NUL, line ends, and characters that are not one byte. */
const unsendable = /[\0\n\r\u0100-\uffff]/

function add(wire: WireHeaders, name: string, given: unknown): void {
  if (!token.test(name)) throw new TypeError(`fetch: ${JSON.stringify(name)} is not the name of a header`)
  let value = typeof given === 'string' ? given : String(given)
  if (unsendable.test(value)) {
    value = trimmed(value, edges)
    if (unsendable.test(value))
      throw new TypeError(`fetch: the value of the header "${name}" has a character that headers cannot have`)
  } else value = tidy(value)
  const lower = name.toLowerCase()
  if (lower === 'host') return // says where the request goes, which the URL does
  if (!Object.hasOwn(wire, lower)) setOwn(wire, lower, value)
  else wire[lower] = `${wire[lower] as string}${lower === 'cookie' ? '; ' : ', '}${value}`
}

function tidy(value: string): string {
  const first = value.charCodeAt(0)
  const last = value.charCodeAt(value.length - 1)
  return first <= 32 || last <= 32 ? trimmed(value, edges) : value
}

/** Even where the name means something to objects. */
function setOwn(wire: WireHeaders, name: string, value: string): void {
  if (name === '__proto__')
    Object.defineProperty(wire, name, { value, enumerable: true, configurable: true, writable: true })
  else wire[name] = value
}

/** What every request carries besides its own headers; requests that have none share these objects. */
export class EveryRequest {
  private readonly home: string | undefined
  private readonly atHome: WireHeaders
  private readonly abroad: WireHeaders

  constructor({ base, headers }: Defaults, { decompress }: Reading) {
    const usual = { accept: '*/*', 'user-agent': 'keepwarm' }
    this.home = base?.origin
    this.abroad = decompress ? { ...usual, 'accept-encoding': acceptEncoding } : usual
    this.atHome = { ...this.abroad, ...headers }
  }

  /**
   * As they go over the wire.
   * @param wasAbroad whether another origin sent it here: what that may choose the path of gets none of our secrets
   */
  headersOf({ url, headers, body, cache, method }: FetchRequest, wasAbroad: boolean = false): WireHeaders {
    const every = wasAbroad ? this.abroad : this.every(url.origin)
    if (headers === none && body === undefined && cache === 'default') return every
    const wire = { ...every, ...headers }
    if (body?.type !== undefined && !Object.hasOwn(headers, 'content-type')) wire['content-type'] = body.type
    if (body?.length !== undefined && body.make !== undefined && method !== 'GET')
      wire['content-length'] ??= String(body.length)
    if (Object.hasOwn(headers, 'range')) wire['accept-encoding'] = 'identity'
    addCacheControl(wire, cache, headers)
    return wire
  }

  /**
   * Those of a request that the platform put together, and ours. What the caller gave (`own`) is not replaced, nor put
   * back where the platform left it out on its way to another origin.
   */
  besides(origin: string, headers: WireHeaders, own: WireHeaders, wasAbroad: boolean): WireHeaders {
    const wire = { ...headers }
    const every = wasAbroad ? this.abroad : this.every(origin)
    for (const name in every) if (!Object.hasOwn(own, name)) wire[name] = every[name]!
    wire['accept-encoding'] = headers['accept-encoding'] ?? 'identity' // which the platform decodes
    return wire
  }

  /** The client's own headers never go to another origin than that of its base URL. */
  private every(origin: string): WireHeaders {
    return origin === this.home ? this.atHome : this.abroad
  }
}

/** Somebody who asks with a condition has a cache of their own, and wants no other in between. */
const conditions = ['if-modified-since', 'if-none-match', 'if-unmodified-since', 'if-match', 'if-range']

function addCacheControl(wire: WireHeaders, cache: string, own: WireHeaders): void {
  const isOwn = cache === 'default' && conditions.some((name) => Object.hasOwn(own, name))
  if (cache === 'no-cache') wire['cache-control'] ??= 'max-age=0'
  else if (isOwn || cache === 'no-store' || cache === 'reload') {
    wire['pragma'] ??= 'no-cache'
    wire['cache-control'] ??= 'no-cache'
  }
}
