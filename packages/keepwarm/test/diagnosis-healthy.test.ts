/** What is well is called so, whatever the load: over real sockets, in several windows, and without anything to compare. */
import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  ConnectionPool,
  HttpClient,
  diagnose,
  observe,
  type HttpClientOptions,
  type ProcessSnapshot,
} from 'keepwarm'
import { expect, test } from 'vitest'
import { callAll } from './support/diagnosed.ts'
import { startH2, startHttp, trust, type TestServer } from './support/servers.ts'

const WINDOWS = 3

/** The event loop is looked at no more often than that, in ms. */
const SHORTEST = 550

/**
 * All that is said of `work`, window by window, and of all of it. The machine that runs the tests may be busy, so that our
 * own event loop is late: that may be said, and nothing else.
 */
async function saidOf(
  clients: readonly HttpClient[],
  work: (window: number) => Promise<unknown>,
): Promise<string[]> {
  using observed = observe(clients)
  const snapshots = [observed.snapshot()]
  const said = []
  for (let window = 0; window < WINDOWS; window++) {
    await Promise.all([work(window), sleep(SHORTEST)])
    snapshots.push(observed.snapshot())
    said.push(...diagnose(snapshots.at(-2), snapshots.at(-1)!))
  }
  const last = withLatestLoop(snapshots)
  said.push(...diagnose(snapshots[0], last), ...diagnose(undefined, last))
  return said
    .filter(({ kind }) => kind !== 'healthy' && kind !== 'loop_blocked')
    .map(({ kind, text }) => `${kind}: ${text}`)
}

/** The last snapshot tells of the loop only since the one before. */
function withLatestLoop(snapshots: readonly ProcessSnapshot[]): ProcessSnapshot {
  const last = snapshots.at(-1)!
  const loops = snapshots.flatMap(({ process: { loop } }) => (loop === null ? [] : [loop]))
  const worst = (name: 'p50' | 'p99' | 'max'): number => Math.max(0, ...loops.map((loop) => loop[name]))
  const loop = { p50: worst('p50'), p99: worst('p99'), max: worst('max') }
  return { ...last, process: { ...last.process, loop } }
}

interface Load {
  readonly name: string
  readonly server?: () => Promise<TestServer>
  readonly client?: HttpClientOptions
  readonly work: (client: HttpClient, window: number) => Promise<unknown>
}

const quick = (): Promise<TestServer> =>
  startHttp((request, response) => {
    request.resume()
    setTimeout(() => response.end('hello'), 2)
  })

/** `/stream` sends a little now and then, `/slow` takes its time, `/large` is large, `/none` is not there. */
const various = (): Promise<TestServer> =>
  startHttp(({ url }, response) => {
    if (url === '/none') return void response.writeHead(404).end()
    if (url === '/large') return void response.end(Buffer.alloc(1_000_000))
    if (url === '/slow') return void setTimeout(() => response.end('done'), 180)
    if (url === '/stream') return void Readable.from(ticks()).pipe(response)
    response.end('hello')
  })

async function* ticks(): AsyncGenerator<string> {
  for (let i = 0; i < 12; i++) {
    await sleep(25)
    yield `data: ${i}\n\n`
  }
}

const overH2 = (): Promise<TestServer> =>
  startH2((stream) => {
    setTimeout(() => {
      if (stream.destroyed) return
      stream.respond({ ':status': 200 })
      stream.end('hello')
    }, 2)
  })

const get = (client: HttpClient, path = '/'): Promise<unknown> => client.get(path).discard()

const loads: readonly Load[] = [
  { name: 'nobody calls', work: () => Promise.resolve() },
  { name: 'one caller', work: (client) => callAll(60, 1, () => get(client)) },
  { name: 'as many callers as connections', work: (client) => callAll(400, 20, () => get(client)) },
  {
    name: 'ten callers for each connection',
    client: { maxConnectionsPerOrigin: 10 },
    work: (client) => callAll(1_000, 100, () => get(client)),
  },
  {
    name: 'bursts and quiet',
    client: { maxIdleConnections: 5, idleTimeout: 100 },
    work: async (client) => {
      await callAll(60, 20, () => get(client))
      await sleep(150)
    },
  },
  {
    name: 'HTTP/2',
    server: overH2,
    client: { connect: trust },
    work: (client) => callAll(400, 60, () => get(client)),
  },
  {
    name: 'long streams beside quick calls',
    server: various,
    work: (client) =>
      Promise.all([
        callAll(12, 12, async () => {
          for await (const chunk of (await client.get('/stream')).body) void chunk
        }),
        callAll(200, 4, () => get(client)),
      ]),
  },
  {
    name: 'answers that are read slowly',
    server: various,
    client: { maxConnectionsPerOrigin: 8, leakAfter: 1_000 },
    work: (client) =>
      callAll(8, 8, async () => {
        for await (const chunk of (await client.get('/large')).body) if (chunk !== null) await sleep(15)
      }),
  },
  {
    name: 'a mix of operations that changes',
    server: various,
    work: (client, window) =>
      callAll(120, 12, (number) => get(client, number % 10 < window * 2 ? '/slow' : '/')),
  },
  {
    name: 'callers who ask for what is not there, and callers who leave',
    server: various,
    work: (client) =>
      Promise.all([
        callAll(100, 4, () => get(client, '/none')),
        callAll(40, 8, () => client.get('/slow', { signal: AbortSignal.timeout(30) }).discard()),
      ]),
  },
  {
    name: 'hedging, with a slow answer now and then',
    server: various,
    client: { hedge: { after: 30 } },
    work: (client) => callAll(200, 6, (number) => get(client, number % 40 === 0 ? '/slow' : '/')),
  },
  {
    name: 'an adaptive pool and an adaptive limit',
    client: { adaptive: true, limiter: true, minConnections: 2, warmUp: 4 },
    work: (client) => callAll(600, 16, () => get(client)),
  },
  {
    name: 'connections that are renewed',
    client: { maxRequestsPerConnection: 20 },
    work: (client) => callAll(300, 6, () => get(client)),
  },
]

test.each(loads)('$name: nothing is wrong', async ({ server = quick, client: options, work }) => {
  await using started = await server()
  await using client = new HttpClient({ name: 'orders', baseUrl: started.origin, ...options })
  expect(await saidOf([client], (window) => work(client, window))).toEqual([])
})

test('clients that share a pool, and one that nobody called: nothing is wrong', async () => {
  await using server = await quick()
  await using pool = new ConnectionPool({ maxConnectionsPerOrigin: 6 })
  await using one = new HttpClient({ name: 'one', baseUrl: server.origin, pool })
  await using two = new HttpClient({ name: 'two', baseUrl: server.origin, pool })
  await using none = new HttpClient({ name: 'none', baseUrl: server.origin })
  const work = (): Promise<unknown> =>
    Promise.all([one, two].map((client) => callAll(200, 10, () => get(client))))
  expect(await saidOf([one, two, none], work)).toEqual([])
})
