/** How a request of fetch is called, sent, and for how long. Thinks only. */
import type { CallPlan } from '../../exchange/plan.ts'
import type { ResponseHeaders } from '../collect.ts'
import { HIGH_WATER } from './body-feed.ts'
import type { FetchHost } from './fetch-host.ts'
import type { FetchRequest } from './fetch-request.ts'

/**
 * How its call is made: the client's own plan, where the request says nothing for itself.
 *
 * @param by when it must be over, where an earlier call set the deadline.
 */
export function planOf({ signal, body }: FetchRequest, { plan, runtime }: FetchHost, by: number): CallPlan {
  if (signal === undefined && body?.make === undefined && by === Infinity) return plan
  const { timeouts } = plan
  const total = by === Infinity ? timeouts.total : Math.max(0, by - runtime.now())
  return { ...plan, signal, makeBody: body?.make, timeouts: { ...timeouts, total } }
}

/** For messages, without the query. */
export function subject({ method, url }: FetchRequest): string {
  return `${method} ${url.origin}${url.pathname}`
}

/** A question mark with nothing behind it is part of the URL, but not of its `search`. */
export function pathOf(url: URL): string {
  const { pathname, search, hash } = url
  if (search !== '') return pathname + search
  const end = url.href.length - hash.length - 1
  return url.href.charCodeAt(end) === 63 ? `${pathname}?` : pathname
}

/** Its body will be held as a whole, even if nobody reads it. */
export function isSmall(headers: ResponseHeaders): boolean {
  const length = headers['content-length']
  return typeof length === 'string' && Number(length) < HIGH_WATER
}

/** The fragment, even an empty one, is not for others. */
export function withoutFragment({ href }: URL): string {
  const hash = href.indexOf('#')
  return hash === -1 ? href : href.slice(0, hash)
}
