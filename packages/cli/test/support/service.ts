/** A service that is being used: an upstream, clients that call it, and a dashboard; all on this machine. */
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { dashboard, type Dashboard } from '@keepwarm/dashboard'
import { HttpClient } from 'keepwarm'

export interface TestService extends AsyncDisposable {
  /** Of the dashboard. */
  readonly url: string
  readonly search: HttpClient
  /** Upstream answers take so long from now on, in ms; Infinity: none comes. */
  slow(delay: number): void
  /** Starts so many calls, without waiting for them. */
  call(times: number): Promise<unknown>
  /** Stops the dashboard, its streams and its port. */
  stop(): Promise<void>
  /** Has it listen again, where it did. */
  startAgain(): Promise<void>
}

export interface TestServiceOptions {
  readonly token?: string
  /** Where the dashboard is mounted. Default `/`. */
  readonly mount?: string
}

export async function testService({ token, mount = '/' }: TestServiceOptions = {}): Promise<TestService> {
  let delay = 1
  const upstream = createServer((_, response) => {
    if (delay < Infinity) setTimeout(() => response.end('{}'), delay)
  })
  const baseUrl = await listen(upstream, 0)
  const search = new HttpClient({ name: 'search', baseUrl, maxConnections: 4, acquireTimeout: 2_000 })
  let running = await serve(search, { token, mount, port: 0 })
  const { port } = running
  const calls: Promise<unknown>[] = []
  return {
    url: `http://127.0.0.1:${port}${mount}`,
    search,
    slow: (ms) => (delay = ms),
    call: (times) => {
      const made = Array.from({ length: times }, () =>
        search
          .get('/q')
          .discard()
          .catch(() => {}),
      )
      calls.push(...made)
      return Promise.all(made)
    },
    stop: () => running.close(),
    startAgain: async () => {
      running = await serve(search, { token, mount, port })
    },
    [Symbol.asyncDispose]: async () => {
      await running.close()
      await search.destroy()
      await Promise.all(calls)
      upstream.closeAllConnections()
      upstream.close()
    },
  }
}

interface Running {
  readonly port: number
  close(): Promise<void>
}

async function serve(
  client: HttpClient,
  { token, mount, port }: { token: string | undefined; mount: string; port: number },
): Promise<Running> {
  const board: Dashboard = dashboard(client, {
    name: 'orders',
    ...(mount !== '/' && { mount: mount.replace(/\/$/, '') }),
    ...(token !== undefined && { token }),
  })
  const server = createServer((request, response) => {
    board.handle(request, response, () => {
      response.statusCode = 404
      response.end('nothing here')
    })
  })
  await listen(server, port)
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      await board.close()
      server.closeAllConnections()
      if (server.listening) await new Promise((resolve) => server.close(resolve))
    },
  }
}

async function listen(server: Server, port: number): Promise<string> {
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
