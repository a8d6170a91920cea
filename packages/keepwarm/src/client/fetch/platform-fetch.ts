/** What is asked for seldom is the platform's own fetch's to do, over the client: `data:` URLs, integrity, modes. */
import { Dispatcher } from 'undici'
import type { WireHeaders } from '../headers.ts'
import { readHeaders, type EveryRequest } from './fetch-headers.ts'
import type { FetchHost } from './fetching.ts'
import { oneOf, type Init, type RequestLike } from './read-request.ts'

/** The platform's, before anybody puts the client's in its place. */
const platform = globalThis.fetch

const caches = ['default', 'no-store', 'reload', 'no-cache', 'force-cache', 'only-if-cached']
const credentials = ['omit', 'same-origin', 'include']

/** @throws TypeError for an option that has no meaning anywhere */
export function isRare(url: URL, asked: RequestLike | undefined, init: Init): boolean {
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return true
  if (asked !== undefined && isRareRequest(asked)) return true
  const { mode, cache, integrity, referrer, window } = init
  if (init.credentials !== undefined) oneOf('credentials', init.credentials, credentials)
  if (cache !== undefined) oneOf('cache', cache, caches)
  return (
    (mode !== undefined && mode !== 'cors') ||
    cache === 'only-if-cached' ||
    (integrity != null && integrity !== '') ||
    (referrer !== undefined && referrer !== '' && referrer !== 'about:client') ||
    init.referrerPolicy !== undefined ||
    (window !== undefined && window !== null)
  )
}

function isRareRequest({ mode = 'cors', integrity = '', referrer = '' }: RequestLike): boolean {
  return mode !== 'cors' || integrity !== '' || !(referrer === '' || referrer === 'about:client')
}

export function platformFetch(
  host: FetchHost,
  url: URL,
  asked: RequestLike | undefined,
  init: Init,
): Promise<Response> {
  const own = readHeaders(init.headers === undefined ? asked?.headers : init.headers)
  const dispatcher = new AtHome(host, own)
  const options = { ...init, dispatcher } as unknown as RequestInit
  if (asked === undefined) return platform(url, options)
  if (asked instanceof Request) return platform(asked, options)
  const { method, headers, body, redirect, signal, integrity, mode, cache } = asked
  const members = { method, headers, body, redirect, signal, integrity, mode, cache, duplex: 'half' }
  return platform(url, { ...members, ...options } as unknown as RequestInit)
}

/** Adds the client's own headers to requests to its own origin, of which a redirect may lead away. */
class AtHome extends Dispatcher {
  private readonly client: Dispatcher
  private readonly every: EveryRequest
  private readonly headers: WireHeaders

  constructor({ dispatcher, every, defaults }: FetchHost, own: WireHeaders) {
    super()
    this.client = dispatcher
    this.every = every
    this.headers = { ...defaults.headers }
    for (const name in own) delete this.headers[name]
  }

  override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    if (!this.every.isHome(String(options.origin))) return this.client.dispatch(options, handler)
    const given = options.headers as Record<string, string>
    const headers: WireHeaders = {}
    for (const name in given) headers[name.toLowerCase()] = given[name]!
    return this.client.dispatch({ ...options, headers: { ...headers, ...this.headers } }, handler)
  }
}
