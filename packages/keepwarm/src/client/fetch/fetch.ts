/** `client.fetch`: the standard's fetch over a client's calls, without the platform's machinery in between. */
import { requestBody } from './body-of-request.ts'
import type { FetchHost } from './fetch-host.ts'
import { Fetching } from './fetching.ts'
import { isRare, platformFetch } from './platform-fetch.ts'
import {
  isRequest,
  readInit,
  readOwnBody,
  readRequest,
  readUrl,
  type Init,
  type RequestLike,
} from './read-request.ts'

type Fetch = typeof globalThis.fetch

/** It does not depend on `this`: SDKs take it off its object. */
export function makeFetch(host: FetchHost): Fetch {
  const fetch = (input: unknown, init?: unknown): Promise<Response> => {
    try {
      return start(host, input, readInit(init))
    } catch (error) {
      return Promise.reject(error)
    }
  }
  return fetch
}

function start(host: FetchHost, input: unknown, init: Init): Promise<Response> {
  refuseDispatcher(host, init)
  const asked = isRequest(input) ? input : undefined
  const url = readUrl(asked === undefined ? input : asked.url, host.defaults.base)
  if (isRare(url, asked, init)) return platformFetch(host, url, asked, init)
  const own = readOwnBody(init)
  if (own === undefined && asked?.body != null) return withItsBody(host, url, asked, init)
  const request = readRequest(url, asked, init, own)
  return new Promise((resolve) => new Fetching(host, request, { resolve }).begin())
}

/** Its body is a stream, whatever it was made from. */
async function withItsBody(host: FetchHost, url: URL, asked: RequestLike, init: Init): Promise<Response> {
  if (asked.bodyUsed === true || (asked.body as { locked?: boolean }).locked === true)
    throw new TypeError('fetch: the request has been used already; make a new one, or clone it before')
  const request = readRequest(url, asked, init, {})
  if (request.signal?.aborted === true) throw request.signal.reason
  const whole = { ...request, body: await requestBody(asked.body, host.runtime) }
  return await new Promise((resolve) => new Fetching(host, whole, { resolve }).begin())
}

/** Another dispatcher would go past everything that this client is there for. */
function refuseDispatcher({ dispatcher, pool }: FetchHost, init: Init): void {
  const given = init.dispatcher
  if (given === undefined || given === null || given === dispatcher || given === pool) return
  throw new TypeError(
    'client.fetch: the option `dispatcher` cannot be given, as requests go through the client; ' +
      'use fetch() for another dispatcher, or tell the client what this one was to do (proxy, connect, …)',
  )
}
