/** From what a page says of the next one to the request for it. Pure. */
import { KeepwarmError } from '../../errors.ts'
import type { CallOptions } from '../options.ts'
import { encodeQuery, type Query } from '../query.ts'
import { shownUrl } from '../target.ts'
import type { NextPage } from './page-options.ts'

/** A request for a page. */
export interface Step {
  readonly path: string
  readonly options: CallOptions
}

/** The page that was read. */
export interface Read {
  readonly url: URL
  readonly options: CallOptions
  /** For messages: `GET http://orders/open`. */
  readonly what: string
  /** Where the client's paths lead, by any of these names; the first is the one to ask. */
  readonly origins: readonly string[]
}

/**
 * The request for the next page; undefined after the last. It is never sent to another origin: it carries what is meant
 * for this one.
 * @throws KeepwarmError `decode` for what is no URL, `invalid_request` for another origin
 */
export function nextStep(next: NextPage, { url, options, what, origins }: Read): Step | undefined {
  if (next === undefined || next === null || next === '') return undefined
  const { query: _, ...others } = options
  if (typeof next === 'object' && !(next instanceof URL)) {
    const step = { path: next.query === undefined ? url.href : withQuery(url, next.query), options: others }
    return next.json === undefined ? step : { ...step, options: { ...others, json: next.json } }
  }
  const target = URL.parse(String(next), url)
  if (target === null || !/^https?:$/.test(target.protocol))
    throw about('decode', `the next page of ${what} is at "${shownUrl(String(next))}", which is no URL`)
  if (target.origin !== url.origin && !origins.includes(target.origin)) {
    const where = `the next page of ${what} is at ${target.origin}, another origin than ${url.origin}`
    throw about('invalid_request', `${where}, to which a client does not go; say where it is with \`next\``)
  }
  return { path: url.origin + target.pathname + target.search, options: others }
}

/** Names that are given replace those that are there; null and undefined take them away. */
function withQuery(url: URL, query: Query): string {
  const given = query instanceof URLSearchParams ? [...query.keys()] : Object.keys(query)
  const params = new URLSearchParams(url.search)
  for (const name of given) params.delete(name)
  for (const [name, value] of new URLSearchParams(encodeQuery(query))) params.append(name, value)
  const text = params.toString()
  return url.origin + url.pathname + (text === '' ? '' : `?${text}`)
}

export function about(code: 'decode' | 'invalid_request' | 'body_too_large', message: string): KeepwarmError {
  return new KeepwarmError(code, message, { phase: 'body', sent: 'maybe' })
}
