/** Who may look. Pure: what is known of a request in, whether it is let in out. */
import { isIP } from 'node:net'
import type { PublicRoute, Settings } from './options.ts'
import { isSame, isSession, newSession, sessionsIn } from './session.ts'

export interface Visitor {
  readonly method: string
  /** Below the mount. */
  readonly route: string
  /** The Host header, or `:authority`. */
  readonly host: string | undefined
  /** Of the other end of the socket. */
  readonly address: string | undefined
  /** Whether a proxy says that it passes on what somebody else asked. */
  readonly forwarded: boolean
  readonly authorization: string | undefined
  readonly cookie: string | undefined
  /** The token in the query. */
  readonly token: string | undefined
  /** `Sec-Fetch-Site` and `Sec-Fetch-Mode`, which browsers send. */
  readonly site: string | undefined
  readonly mode: string | undefined
}

export type Admission =
  | { readonly kind: 'pass'; readonly by: 'public' | 'loopback' | 'token' }
  /** The token came in the query, and becomes a cookie. */
  | { readonly kind: 'exchange'; readonly session: string }
  | { readonly kind: 'refuse'; readonly status: 401 | 403; readonly text: string }

type Rules = Pick<Settings, 'token' | 'hosts' | 'public'>

/** @param now ms since 1970 */
export function admit(visitor: Visitor, rules: Rules, now: number): Admission {
  const open = publicRoute(visitor.route)
  if (open !== undefined && rules.public.has(open)) return { kind: 'pass', by: 'public' }
  const wrongHost = refuseHost(visitor.host, rules)
  if (wrongHost !== undefined) return refuse(403, wrongHost)
  if (isForeign(visitor)) return refuse(403, 'Another site may not read this. Open the dashboard itself.')
  return rules.token === undefined ? ofThisMachine(visitor) : byToken(visitor, rules.token, now)
}

function ofThisMachine({ address, forwarded }: Visitor): Admission {
  if (forwarded) {
    return refuse(
      403,
      'This came through a proxy, so that it is not known who asks. Give the dashboard a token to allow it: dashboard(clients, { token })',
    )
  }
  if (isLoopback(address)) return { kind: 'pass', by: 'loopback' }
  return refuse(
    403,
    'Only this machine may look. Give the dashboard a token to allow others: dashboard(clients, { token })',
  )
}

function byToken({ authorization, cookie, token, method }: Visitor, secret: string, now: number): Admission {
  const [, bearer] = /^bearer +(\S+) *$/i.exec(authorization ?? '') ?? []
  if (bearer !== undefined && isSame(bearer, secret)) return { kind: 'pass', by: 'token' }
  if (token !== undefined && isRead(method) && isSame(token, secret)) {
    return { kind: 'exchange', session: newSession(secret, now) }
  }
  if (sessionsIn(cookie).some((value) => isSession(value, secret, now))) return { kind: 'pass', by: 'token' }
  const given = bearer ?? token ?? cookie
  return refuse(
    401,
    `${given === undefined ? 'A token is needed' : 'The token is wrong, or its time is over'}: send it as "Authorization: Bearer", or open the page once with ?token=`,
  )
}

/**
 * A name that leads to this machine may be anybody's (DNS rebinding): only those that are known will do. An address is no
 * name, so that with a token any address will do.
 */
function refuseHost(host: string | undefined, { hosts, token }: Rules): string | undefined {
  const name = hostnameOf(host)
  if (name === undefined) return 'A Host header is needed.'
  const bare = name.replace(/^\[|\]$/g, '')
  const isKnown = name === 'localhost' || name.endsWith('.localhost') || isLoopback(bare) || hosts.has(name)
  if (isKnown || (token !== undefined && isIP(bare) !== 0)) return undefined
  return 'The name in the Host header is not known here. Allow it with dashboard(clients, { hosts: [name] })'
}

/** A page of another site: it could not read the answer, but it could take the places of those who watch. */
function isForeign({ site, mode, route }: Visitor): boolean {
  if (site === undefined || site === 'same-origin' || site === 'none') return false
  return !(mode === 'navigate' && (route === '/' || route === ''))
}

export function isLoopback(address: string | undefined): boolean {
  if (address === undefined) return false
  const plain = address.replace(/^::ffff:/i, '')
  return plain === '::1' || (isIP(plain) === 4 && plain.startsWith('127.'))
}

function hostnameOf(host: string | undefined): string | undefined {
  return /^(\[[\da-f:.]+\]|[\w.-]+)(:\d+)?$/i.exec(host ?? '')?.[1]?.toLowerCase()
}

function publicRoute(route: string): PublicRoute | undefined {
  if (route.startsWith('/health/')) return 'health'
  return route === '/metrics' ? 'metrics' : undefined
}

export function isRead(method: string): boolean {
  return method === 'GET' || method === 'HEAD'
}

function refuse(status: 401 | 403, text: string): Admission {
  return { kind: 'refuse', status, text }
}
