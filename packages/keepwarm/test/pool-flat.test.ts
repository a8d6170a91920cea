/** What many requests leave behind: nothing. */
import type { Socket } from 'node:net'
import { ConnectionPool, HttpClient } from 'keepwarm'
import { buildConnector, type Dispatcher } from 'undici'
import { expect, test } from 'vitest'
import { collected, heapInUse } from './support/memory.ts'
import { startH2, startRaw, trust } from './support/servers.ts'

/** As cheap as a server can be. */
function startCheap(): ReturnType<typeof startRaw> {
  const answer = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'
  return startRaw((socket) => socket.on('data', () => socket.write(answer)))
}

/**
 * One request after the other, in so many lines at once.
 * @returns Weak references to all the handlers.
 */
async function ask(
  dispatcher: Dispatcher,
  origin: string,
  count: number,
  lines = 8,
): Promise<WeakRef<object>[]> {
  const options = { origin, path: '/', method: 'GET' } as const
  const handlers: WeakRef<object>[] = []
  const one = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const handler: Dispatcher.DispatchHandler = {
        onRequestStart: () => {},
        onResponseStart: () => {},
        onResponseData: () => {},
        onResponseEnd: () => resolve(),
        onResponseError: (_, error) => reject(error),
      }
      handlers.push(new WeakRef(handler))
      dispatcher.dispatch(options, handler)
    })
  let left = count
  const line = async (): Promise<void> => {
    while (left-- > 0) await one()
  }
  await Promise.all(Array.from({ length: lines }, line))
  return handlers
}

/** Everything that could grow with the number of requests. */
async function standing(dispatcher: Dispatcher, sockets: readonly Socket[]): Promise<Record<string, number>> {
  const listenersOf = (emitter: NodeJS.EventEmitter): number =>
    emitter.eventNames().reduce((sum, name) => sum + emitter.listenerCount(name), 0)
  const heap = await heapInUse()
  return {
    heap,
    timers: process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length,
    onSockets: sockets.reduce((sum, socket) => sum + listenersOf(socket), 0),
    onDispatcher: listenersOf(dispatcher),
    onProcess: listenersOf(process),
    sockets: sockets.length,
  }
}

/** After some requests and after many more the same stands: of those that are over nothing is kept. */
async function expectFlat(
  dispatcher: Dispatcher,
  origin: string,
  sockets: readonly Socket[],
  many: number,
): Promise<void> {
  await ask(dispatcher, origin, many / 4)
  const before = await standing(dispatcher, sockets)
  const handlers = await ask(dispatcher, origin, many)
  const kept = (): number => handlers.filter((handler) => handler.deref() !== undefined).length
  await collected(() => kept() <= sockets.length, 'more handlers than one for each connection')
  handlers.length = 0
  const { heap, ...after } = await standing(dispatcher, sockets)
  expect({ heap: before.heap, ...after }).toEqual(before)
  expect(heap! - before.heap!).toBeLessThan(3_000_000) // what is compiled and thrown away again comes and goes
}

function recording(options: buildConnector.BuildOptions = {}): {
  connect: buildConnector.connector
  sockets: Socket[]
} {
  const dial = buildConnector(options)
  const sockets: Socket[] = []
  return {
    sockets,
    connect: (target, callback) => {
      const socket = dial(target, callback) as unknown as Socket
      sockets.push(socket)
      return socket
    },
  }
}

test('a pool after 25,000 requests: the same heap, listeners, timers and sockets as after a fifth of them', async () => {
  await using server = await startCheap()
  const { connect, sockets } = recording()
  await using pool = new ConnectionPool({ maxConnections: 8, connect })
  await expectFlat(pool, server.origin, sockets, 20_000)
  expect(server.total).toBe(8)
})

test('a pool over HTTP/2: the same', async () => {
  await using server = await startH2((stream) => {
    stream.respond({ ':status': 200 })
    stream.end('ok')
  })
  const { connect, sockets } = recording({ ...trust, allowH2: true })
  await using pool = new ConnectionPool({ connect })
  await expectFlat(pool, server.origin, sockets, 4_000)
})

test('a client, with its breaker, budget and clock: the same', async () => {
  await using server = await startCheap()
  const { connect, sockets } = recording()
  await using client = new HttpClient({ baseUrl: server.origin, maxConnections: 8, connect })
  await expectFlat(client, server.origin, sockets, 20_000)
})

test('a thousand origins that are asked once each leave no more connections than there may be', async () => {
  await using server = await startCheap()
  const dial = buildConnector({})
  await using pool = new ConnectionPool({
    maxConnections: 4,
    connect: (target, callback) =>
      dial({ ...target, hostname: '127.0.0.1', port: String(server.port) }, callback),
  })
  let most = 0
  for (let i = 0; i < 1_000; i++) {
    await ask(pool, `http://host-${i}.test`, 1, 1)
    most = Math.max(most, pool.snapshot().origins.filter(({ connections }) => connections > 0).length)
  }
  expect(most).toBeLessThanOrEqual(4)
  expect(server.peak).toBeLessThanOrEqual(5) // the end of one may be seen after the next one's beginning
})
