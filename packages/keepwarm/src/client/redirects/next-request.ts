/** What a redirect makes of a call's request. Thinks only. */
import type { DispatchOptions } from '../../pool/lease.ts'
import type { WireHeaders } from '../headers.ts'
import { becomesGet, decodedLocation, ofBodies } from './rules.ts'

/** What another origin may know: none of it is a secret, or says who asks. */
const forAnybody: ReadonlySet<string> = new Set([
  'accept',
  'accept-encoding',
  'accept-language',
  'cache-control',
  'if-match',
  'if-modified-since',
  'if-none-match',
  'if-range',
  'if-unmodified-since',
  'range',
  'user-agent',
  ...ofBodies,
])

export interface Redirect {
  readonly status: number
  /** The header as it came. */
  readonly location: string
  /** Whether two origins are of one service, which may know the same secrets. */
  readonly isOneService: (origin: string, other: string) => boolean
}

/**
 * The request that follows, or why there is none. Within the service it is the same request elsewhere. Another origin
 * gets nothing but the headers that anybody may see, and a path back does not bring the others back.
 *
 * @param isOnce whether the body is a stream, which cannot be sent again.
 */
export function nextRequest(
  request: DispatchOptions,
  { status, location, isOneService }: Redirect,
  isOnce: boolean,
): DispatchOptions | string {
  const from = new URL(request.path, String(request.origin))
  const to = URL.parse(decodedLocation(location), from.href)
  if (to === null) return 'its redirect leads to something that is not a URL'
  if (to.protocol !== 'http:' && to.protocol !== 'https:')
    return `its redirect leads to a ${to.protocol} URL, and only http and https are followed`
  if (to.username !== '' || to.password !== '')
    return 'its redirect leads to a URL with a user name or password'
  if (from.protocol === 'https:' && to.protocol === 'http:')
    return 'its redirect leads from https to http, where anybody may read it'
  const asGet = becomesGet(status, request.method)
  if (isOnce && !asGet)
    return `it was redirected (${status}), and its body is a stream, which cannot be sent again; give a function that makes one`
  const isHome = isOneService(from.origin, to.origin)
  const headers = kept(
    request.headers as WireHeaders,
    (name) => (isHome ? name !== 'host' : forAnybody.has(name)) && !(asGet && ofBodies.includes(name)),
  )
  const next = { ...request, origin: to.origin, path: to.pathname + to.search, headers }
  return asGet ? { ...next, method: 'GET', body: null } : next
}

function kept(headers: WireHeaders, isKept: (name: string) => boolean): WireHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => isKept(name)))
}
