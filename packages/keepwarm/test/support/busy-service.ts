/** A service with two clients that have been through something, and a `/metrics`. */
import type http from 'node:http'
import { ConnectionPool, HttpClient, observe, prometheusFormat, type Observed } from 'keepwarm'
import { startHttp, type TestServer } from './servers.ts'
import { eventually } from './wait.ts'

export interface BusyService extends AsyncDisposable {
  readonly orders: HttpClient
  readonly search: HttpClient
  readonly observed: Observed
  /** `127.0.0.1:port`; without `formats` it speaks Prometheus' own format alone. */
  readonly metrics: TestServer
}

const answer: http.RequestListener = ({ url = '' }, response) => {
  const status = Number(/\d{3}/.exec(url)?.[0] ?? 200)
  setTimeout(() => response.writeHead(status, { 'content-length': 2 }).end('ok'), 2)
}

/** @param how `openmetrics`: whether it speaks it to who asks for it. */
export async function startBusyService(how: { readonly openmetrics: boolean }): Promise<BusyService> {
  const stack = new AsyncDisposableStack()
  const upstream = stack.use(await startHttp(answer))
  const other = stack.use(await startHttp(answer))
  const pool = stack.use(new ConnectionPool({ maxConnections: 10 }))
  const retry = { attempts: 2, base: 1 }
  const budget = { start: 100 }
  const orders = stack.use(new HttpClient({ name: 'orders', baseUrl: upstream.origin, pool, retry, budget }))
  const metrics = { buckets: 'generations' } as const
  const search = stack.use(
    new HttpClient({ name: 'search', baseUrl: other.origin, pool, retry: false, metrics }),
  )
  const observed = stack.use(observe([orders, search]))
  const page = stack.use(
    await startHttp((request, response) => {
      const { format, contentType } = prometheusFormat(how.openmetrics ? request.headers.accept : undefined)
      response.setHeader('content-type', contentType).end(observed.prometheus({ format }))
    }),
  )
  await makeCalls(orders, search)
  return { orders, search, observed, metrics: page, [Symbol.asyncDispose]: () => stack.disposeAsync() }
}

async function makeCalls(orders: HttpClient, search: HttpClient): Promise<void> {
  const ignored = (): void => {}
  for (let i = 0; i < 7; i++) await orders.get('/200', { operation: 'list' }).discard()
  for (let i = 0; i < 3; i++) await orders.get('/503').discard().catch(ignored)
  await orders.get('/404', { operation: 'get "one"' }).discard().catch(ignored)
  await Promise.all(Array.from({ length: 5 }, () => search.get('/200').discard()))
  await search.get('/200', { signal: AbortSignal.abort() }).discard().catch(ignored)
  search.pool.evict()
  await eventually(() => search.pool.counters.closed.evicted !== undefined, 'connections closed')
}
