/** What a handler may do from inside any of its callbacks, over both protocols and with every kind of body. */
import { Readable } from 'node:stream'
import { ConnectionPool } from 'keepwarm'
import type { Dispatcher } from 'undici'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { get, listen } from './support/handlers.ts'
import { startH2, startHttps, trust, type TestServer } from './support/servers.ts'
import { eventually, soon } from './support/wait.ts'

interface Inside {
  readonly pool: ConnectionPool
  readonly origin: string
  readonly controller: Dispatcher.DispatchController
  /** What was begun inside, to be waited for. */
  readonly begun: Promise<unknown>[]
}

const reason = new Error('from inside')

const deeds: Readonly<Record<string, (inside: Inside) => void>> = {
  aborts: ({ controller }) => controller.abort(reason),
  'aborts twice': ({ controller }) => {
    controller.abort(reason)
    controller.abort(new Error('again'))
  },
  'pauses and goes on later': ({ controller }) => {
    controller.pause()
    setTimeout(() => controller.resume(), 1)
  },
  'pauses and aborts later': ({ controller }) => {
    controller.pause()
    setTimeout(() => controller.abort(reason), 1)
  },
  'asks for more': ({ pool, origin, begun }) => void begun.push(get(pool, origin), get(pool, origin)),
  'retires all connections': ({ pool }) => void pool.evict(),
  'lowers the limits': ({ pool }) => pool.setLimits({ maxConnections: 1, maxIdleConnections: 0 }),
  throws: () => {
    throw reason
  },
}

const callbacks = [
  'onRequestStart',
  'onBodySent',
  'onRequestSent',
  'onResponseStarted',
  'onResponseStart',
  'onResponseData',
  'onResponseEnd',
] as const

const bodies: Readonly<Record<string, () => unknown>> = {
  'no body': () => null,
  'a string': () => 'x'.repeat(1_000),
  'a stream': () => Readable.from(['a', 'b']),
  'an iterator': () => ['a', 'b'].values(),
}

let servers: Record<'HTTP/1.1' | 'HTTP/2', TestServer>

beforeAll(async () => {
  servers = {
    'HTTP/1.1': await startHttps((incoming, response) => {
      incoming.on('error', () => {}).resume()
      incoming.on('end', () => setTimeout(() => response.end('hello'), 2))
    }),
    'HTTP/2': await startH2((stream) => {
      stream.resume().on('end', () => {
        if (stream.destroyed) return
        stream.respond({ ':status': 200 })
        setTimeout(() => stream.destroyed || stream.end('hello'), 2)
      })
    }),
  }
})

afterAll(async () => {
  for (const server of Object.values(servers)) await server[Symbol.asyncDispose]()
})

const warn = (): void => {} // a handler that throws when it is told of an error

describe.each(['HTTP/1.1', 'HTTP/2'] as const)('%s', (protocol) => {
  beforeAll(() => void process.on('warning', warn))
  afterAll(() => void process.off('warning', warn))

  test.each(Object.keys(deeds))(
    'a handler that %s, in any callback: all is told, all is even, and the pool can be closed',
    async (deed) => {
      for (const callback of callbacks) {
        for (const [kind, body] of Object.entries(bodies)) {
          await oneCase(servers[protocol], callback, deeds[deed]!, body(), `${callback}, ${kind}`)
        }
      }
    },
  )
})

async function oneCase(
  server: TestServer,
  callback: (typeof callbacks)[number],
  deed: (inside: Inside) => void,
  body: unknown,
  what: string,
): Promise<void> {
  const { origin } = server
  const pool = new ConnectionPool({ connect: trust, maxConnections: 2, acquireTimeout: 2_000 })
  await get(pool, origin)
  const siblings = [get(pool, origin), get(pool, origin)]
  const begun: Promise<unknown>[] = []
  let controller: Dispatcher.DispatchController | undefined
  const act = (): void => deed({ pool, origin, controller: controller!, begun })
  const options = { origin, path: '/', method: 'POST', body: body as string }
  const { heard } = listen(pool, options, {
    [callback]: act,
    onRequestStart: (given) => {
      controller = given
      if (callback === 'onRequestStart') act()
    },
  })
  const ended = (): boolean => heard.calls.some((call) => call === 'end' || call === 'error')
  await eventually(ended, `the end (${what})`, 2_000)
  expect(await soon(Promise.all(siblings), `the siblings (${what})`)).toEqual(['hello', 'hello'])
  await soon(Promise.all(begun), `what was begun inside (${what})`)
  await soon(pool.close(), `close (${what})`, 2_000)
  const { connections, inFlight, waiting } = pool.snapshot()
  expect({ what, connections, inFlight, waiting }).toEqual({ what, connections: 0, inFlight: 0, waiting: 0 })
}
