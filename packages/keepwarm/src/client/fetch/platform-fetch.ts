/** What is asked for seldom is the platform's own fetch's to do, over the client: `data:` URLs, integrity, modes. */
import { Dispatcher } from 'undici'
import { modernHandler } from '../../pool/modern-handler.ts'
import type { WireHeaders } from '../headers.ts'
import { planAbroad } from '../hooks.ts'
import { readHeaders } from './fetch-headers.ts'
import type { FetchHost } from './fetch-host.ts'
import { oneOf, type Init, type RequestLike } from './read-request.ts'

/** The platform's, before anybody puts the client's in its place. */
const platform = globalThis.fetch

const caches = ['default', 'no-store', 'reload', 'no-cache', 'force-cache', 'only-if-cached']
const credentials = ['omit', 'same-origin', 'include']
/** No referrer is sent, unless one is given. */
const referrerPolicies = [
  '',
  'no-referrer',
  'no-referrer-when-downgrade',
  'same-origin',
  'origin',
  'strict-origin',
  'origin-when-cross-origin',
  'strict-origin-when-cross-origin',
  'unsafe-url',
]

/** @throws TypeError for an option that has no meaning anywhere */
export function isRare(url: URL, asked: RequestLike | undefined, init: Init): boolean {
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return true
  if (asked !== undefined && isRareRequest(asked)) return true
  const { mode, cache, integrity, referrer, window } = init
  if (init.referrerPolicy !== undefined) oneOf('referrerPolicy', init.referrerPolicy, referrerPolicies)
  if (init.credentials !== undefined) oneOf('credentials', init.credentials, credentials)
  if (cache !== undefined) oneOf('cache', cache, caches)
  return (
    (mode !== undefined && mode !== 'cors') ||
    cache === 'only-if-cached' ||
    (integrity != null && integrity !== '') ||
    (referrer !== undefined && referrer !== '' && referrer !== 'about:client') ||
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
  const dispatcher = new OverClient(host, own)
  const options = { ...init, dispatcher } as unknown as RequestInit
  if (asked === undefined) return platform(url, options)
  if (asked instanceof Request) return platform(asked, options)
  const { method, headers, body, redirect, signal, integrity, mode, cache } = asked
  const members = { method, headers, body, redirect, signal, integrity, mode, cache, duplex: 'half' }
  return platform(url, { ...members, ...options } as unknown as RequestInit)
}

/** Sends what the platform asks for over the client, with the headers that this client's requests have. */
class OverClient extends Dispatcher {
  private readonly host: FetchHost
  /** What the caller gave, which nothing replaces. */
  private readonly own: WireHeaders
  private first: string | undefined
  /** A redirect led to another origin; what comes after that gets nothing of ours, wherever it goes. */
  private isAbroad = false

  constructor(host: FetchHost, own: WireHeaders) {
    super()
    this.host = host
    this.own = own
  }

  override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    const given = options.headers as Record<string, string>
    const headers: WireHeaders = {}
    for (const name in given) headers[name.toLowerCase()] = given[name]!
    for (const name of notOurs) if (!Object.hasOwn(this.own, name)) delete headers[name]
    const origin = String(options.origin)
    this.first ??= origin
    this.isAbroad ||= origin !== this.first
    const { every, plan, calls } = this.host
    const ours = { ...options, headers: every.besides(origin, headers, this.own, this.isAbroad) }
    calls.begin(this.isAbroad ? planAbroad(plan) : plan, ours, modernHandler(handler))
    return true
  }
}

/** Sent by the platform alone. */
const notOurs = ['accept-language', 'sec-fetch-mode', 'user-agent', 'accept']
