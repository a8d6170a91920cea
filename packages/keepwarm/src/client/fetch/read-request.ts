/** Reads what `fetch` was given: a URL or a request of any make, and its options. */
import { isPriority, priorities } from '../../pool/lanes.ts'
import { resolveTarget, shownUrl, type Base } from '../target.ts'
import { readBody, type FetchBody } from './fetch-body.ts'
import { readHeaders } from './fetch-headers.ts'
import type { FetchRequest, RedirectMode } from './fetch-request.ts'

/** The members of `RequestInit`; `duplex`, `priority` and `window` are missing from some platforms' types. */
export interface Init extends Omit<RequestInit, 'priority' | 'window' | 'duplex' | 'dispatcher'> {
  readonly duplex?: unknown
  readonly priority?: unknown
  readonly window?: unknown
  readonly dispatcher?: unknown
}

/** A request of any make: the platform's, undici's own, or of another realm. */
export interface RequestLike {
  readonly url: string
  readonly method: string
  readonly headers: unknown
  readonly body?: unknown
  readonly bodyUsed?: boolean
  readonly redirect?: string
  readonly signal?: AbortSignal | null
  readonly cache?: string
  readonly mode?: string
  readonly integrity?: string
  readonly referrer?: string
}

export function isRequest(input: unknown): input is RequestLike {
  if (typeof input !== 'object' || input === null || input instanceof URL) return false
  return input instanceof Request || Object.prototype.toString.call(input) === '[object Request]'
}

/** @throws TypeError, as `fetch` does */
export function readUrl(input: unknown, base: Base | undefined): URL {
  const text = input instanceof URL ? input.href : String(input)
  const url = hasScheme.test(text) ? URL.parse(text) : underBase(text, base)
  if (url === null) throw new TypeError(`Failed to parse URL from ${shownUrl(text)}`)
  if (url.username !== '' || url.password !== '')
    throw new TypeError(
      `a URL with a user name or password is not fetched; use an Authorization header (${url.host})`,
    )
  return url
}

const hasScheme = /^[\0-\x20]*[a-z][a-z\d+.\-\t\n\r]*:/i

/** A path is joined to the base URL, as in `client.get(path)`. */
function underBase(path: string, base: Base | undefined): URL | null {
  if (base === undefined) return null
  const hash = path.indexOf('#')
  const target = resolveTarget(base, hash === -1 ? path : path.slice(0, hash), undefined)
  const url = URL.parse(target.origin + target.path)
  if (url !== null && hash !== -1) url.hash = path.slice(hash)
  return url
}

const usual: Init = {}

export function readInit(init: unknown): Init {
  if (init === undefined || init === null) return usual
  if (typeof init === 'object' || typeof init === 'function') return init
  throw new TypeError(`fetch: its options are a ${typeof init}; give an object`)
}

/**
 * Puts a request together. `input` is what the request is made from, where it is one; `body` is its body, or that of the
 * options.
 *
 * @throws TypeError
 */
export function readRequest(
  url: URL,
  input: RequestLike | undefined,
  init: Init,
  body: FetchBody | undefined,
): FetchRequest {
  const method = init.method === undefined ? (input?.method ?? 'GET') : readMethod(init.method)
  if (body !== undefined && (method === 'GET' || method === 'HEAD'))
    throw new TypeError(
      `fetch: a request with the method ${method} cannot have a body (Request with GET/HEAD method cannot have body.)`,
    )
  return {
    url,
    method,
    headers: readHeaders(init.headers === undefined ? input?.headers : init.headers),
    body,
    redirect: init.redirect === undefined ? readRedirect(input?.redirect) : readRedirect(init.redirect),
    signal: readSignal(init.signal === undefined ? input?.signal : init.signal),
    priority: init.priority === undefined ? undefined : readPriority(init.priority),
    cache: init.cache ?? input?.cache ?? 'default',
  }
}

export function readOwnBody({ body, duplex, keepalive }: Init): FetchBody | undefined {
  if (duplex !== undefined && duplex !== 'half') oneOf('duplex', duplex, ['half'])
  if (body === undefined || body === null) return undefined
  const read = readBody(body, duplex)
  if (read.once !== undefined && keepalive === true)
    throw new TypeError('fetch: a body that comes in parts cannot be sent with keepalive: true')
  return read
}

function readRedirect(given: unknown = 'follow'): RedirectMode {
  return oneOf('redirect', given, redirects)
}

const redirects: readonly RedirectMode[] = ['follow', 'error', 'manual']

const usualMethods: ReadonlySet<string> = new Set([
  'DELETE',
  'GET',
  'HEAD',
  'OPTIONS',
  'POST',
  'PUT',
  'PATCH',
])
const normalized: ReadonlySet<string> = new Set(['DELETE', 'GET', 'HEAD', 'OPTIONS', 'POST', 'PUT'])
const forbidden: ReadonlySet<string> = new Set(['CONNECT', 'TRACE', 'TRACK'])

function readMethod(given: unknown): string {
  const method = String(given)
  if (usualMethods.has(method)) return method
  const upper = method.toUpperCase()
  if (!/^[!#$%&'*+\-.^_`|~\dA-Za-z]+$/.test(method) || forbidden.has(upper))
    throw new TypeError(`fetch: ${JSON.stringify(method)} is not a method that can be fetched with`)
  return normalized.has(upper) ? upper : method
}

function readSignal(signal: unknown): AbortSignal | undefined {
  if (signal === undefined || signal === null) return undefined
  if (signal instanceof AbortSignal) return signal
  throw new TypeError('fetch: signal is not an AbortSignal')
}

function readPriority(given: unknown): FetchRequest['priority'] {
  if (isPriority(given)) return given
  oneOf('priority', given, Object.keys(priorities))
}

export function oneOf<T extends string>(option: string, given: unknown, allowed: readonly T[]): T {
  const found = allowed.find((one) => one === String(given))
  if (found !== undefined) return found
  throw new TypeError(`fetch: ${option} is ${JSON.stringify(String(given))}; it takes ${allowed.join(', ')}`)
}
