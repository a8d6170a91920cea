/** Who may ask, and how often: what every request meets before its body is read. */
import { timingSafeEqual } from 'node:crypto'
import { isSession, sessionsIn } from '@keepwarm/dashboard/serving'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { DELIVERY_PATH } from '../indexing/delivery.ts'
import { DASHBOARD_PATH } from './watch.ts'
import { Problem } from './problems.ts'
import { RateLimit } from './rate-limit.ts'

export interface GuardOptions {
  /** What requests have to show; undefined where only this machine can ask. */
  readonly apiToken: string | undefined
  /** Requests a second that one address may send in the long run; undefined for any number. */
  readonly rateLimit: number | undefined
}

/** Probes have no token, and learn nothing but whether the service works. */
const probes: ReadonlySet<string> = new Set(['/health/live', '/health/ready'])
/** Where a browser shows the token itself. */
const SESSION_PATH = '/session'

export function guard(app: FastifyInstance, { apiToken, rateLimit }: GuardOptions): void {
  const limit = rateLimit === undefined ? undefined : new RateLimit(rateLimit, 2 * rateLimit)
  app.addHook('onRequest', (request, reply, done) => {
    const path = request.url.split('?', 1)[0] ?? ''
    // Deliveries come from the service itself, in bursts, with a token of their own.
    if (probes.has(path) || path === DELIVERY_PATH) return done()
    if (path === DASHBOARD_PATH || path.startsWith(`${DASHBOARD_PATH}/`)) return done() // it guards itself
    if (apiToken === undefined) refuseStrangeHosts(request)
    else if (!isOpen(request, path) && !showsToken(request, apiToken) && !showsSession(request, apiToken)) {
      void reply.header('www-authenticate', 'Bearer')
      throw new Problem(401, 'send the token of this service: authorization: Bearer <API_TOKEN>')
    }
    const wait = limit?.take(request.socket.remoteAddress ?? '', performance.now()) ?? 0
    if (wait === 0) return done()
    throw new Problem(429, `more than ${rateLimit} requests a second came from your address`, {
      retry_after: Math.ceil(wait / 1_000),
    })
  })
}

/** What says nothing of what is here: the page before it asked for anything, and the way to show it the token. */
function isOpen(request: FastifyRequest, path: string): boolean {
  return (path === '/' && wantsPage(request)) || (path === SESSION_PATH && request.method === 'POST')
}

/** A browser that was led here asks for HTML by name; programs take anything. */
export function wantsPage({ method, headers }: Pick<FastifyRequest, 'method' | 'headers'>): boolean {
  return (method === 'GET' || method === 'HEAD') && /\btext\/html\b/.test(headers.accept ?? '')
}

/**
 * The cookie that a browser got for the token. It goes along with whatever is sent here, also by what else is served on
 * this machine under another port: only what the page itself asked for counts.
 */
function showsSession({ headers, host }: FastifyRequest, token: string): boolean {
  const site = headers['sec-fetch-site']
  // Over plain HTTP from elsewhere browsers say no site; with everything that changes something they say the origin.
  const isOwn =
    site === undefined
      ? headers.origin === undefined || URL.parse(headers.origin)?.host === host
      : site === 'same-origin' || site === 'none'
  return isOwn && sessionsIn(headers.cookie).some((value) => isSession(value, token, Date.now()))
}

/** In time that does not tell how much of it was right. */
export function showsToken(request: Pick<FastifyRequest, 'headers'>, token: string): boolean {
  const shown = Buffer.from(request.headers.authorization ?? '')
  const wanted = Buffer.from(`Bearer ${token}`)
  return shown.length === wanted.length && timingSafeEqual(shown, wanted)
}

/** A page of another site can give its own name this machine's address, and would then read what is here. */
function refuseStrangeHosts({ host }: FastifyRequest): void {
  const name = host.replace(/:\d+$/, '').toLowerCase()
  if (name === 'localhost' || name.endsWith('.localhost')) return
  if (/^\[[0-9a-f:.]+\]$|^\d{1,3}(\.\d{1,3}){3}$/.test(name)) return
  throw new Problem(403, 'without API_TOKEN the service answers to localhost and addresses, not to names')
}
