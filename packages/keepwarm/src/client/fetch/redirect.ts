/** What a redirect makes of a request. Thinks only. */
import type { WireHeaders } from '../headers.ts'
import { becomesGet, decodedLocation, ofBodies } from '../redirects/rules.ts'
import type { FetchRequest } from './fetch-request.ts'

/** Redirects that are followed; one more is an error. */
export const MOST_REDIRECTS = 20

/** What is meant for one origin alone. */
const ofOrigins: readonly string[] = ['authorization', 'proxy-authorization', 'cookie', 'host']

/**
 * The request that follows, or why there is none.
 *
 * @param location the header as it came
 * @param followed how many redirects there were before this one
 */
export function redirected(
  request: FetchRequest,
  status: number,
  location: string,
  followed: number,
): FetchRequest | Error {
  const url = URL.parse(decodedLocation(location), request.url.href)
  if (url === null) return new Error('its redirect leads to something that is not a URL')
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    return new Error(`its redirect leads to a ${url.protocol} URL, and only http and https are followed`)
  if (followed >= MOST_REDIRECTS) return new Error(`it was redirected more than ${MOST_REDIRECTS} times`)
  if (url.username !== '' || url.password !== '')
    return new Error('its redirect leads to a URL with a user name or password')
  if (status !== 303 && request.body?.once !== undefined)
    return new Error(`it was redirected (${status}), and its body is a stream, which cannot be sent again`)
  if (url.hash === '') url.hash = request.url.hash
  const { method } = request
  const asGet = becomesGet(status, method)
  const isAbroad = url.origin !== request.url.origin
  const dropped = [...(asGet ? ofBodies : []), ...(isAbroad ? ofOrigins : [])]
  const headers = dropped.length === 0 ? request.headers : without(request.headers, dropped)
  return asGet ? { ...request, url, headers, method: 'GET', body: undefined } : { ...request, url, headers }
}

function without(headers: WireHeaders, names: readonly string[]): WireHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !names.includes(name)))
}
