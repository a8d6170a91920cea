/** Every way into undici that takes a dispatcher: what pool-undici, pool-upgrade and client-dispatcher do not show. */
import { once } from 'node:events'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { ConnectionPool } from 'keepwarm'
import { expect, test } from 'vitest'
import { connect, EventSource, pipeline, WebSocket, type Dispatcher } from 'undici'
import { clientOf } from './support/client-tools.ts'
import { startHttp, type TestServer } from './support/servers.ts'
import { echo, startUpgrading } from './support/upgrading.ts'
import { eventually, soon } from './support/wait.ts'

test('undici.pipeline over a client', async () => {
  await using server = await startHttp((incoming, response) => void incoming.pipe(response))
  await using client = clientOf(server)
  const through = pipeline(server.origin, { method: 'POST', dispatcher: client }, ({ body }) => body)
  expect(await text(Readable.from(['through ', 'the ', 'pipe']).pipe(through))).toBe('through the pipe')
  expect(client.getMetrics()).toMatchObject({ total_requests: 1, successful_requests: 1 })
})

test('a CONNECT tunnel over a client', async () => {
  await using server = await startUpgrading()
  await using client = clientOf(server)
  const asked = { origin: server.origin, path: 'example.test:80', dispatcher: client }
  const { statusCode, socket } = await connect(asked as Parameters<typeof connect>[0])
  expect(statusCode).toBe(200)
  expect(await echo(socket, 'through')).toBe('through')
  socket.destroy()
  await eventually(() => client.pool.snapshot().connections === 0, 'the tunnel is counted no more')
})

test("undici's WebSocket over a client, which outlives the client's timeout", async () => {
  await using server = await startUpgrading()
  await using client = clientOf(server, { timeout: 100 })
  const socket = new WebSocket(`ws://127.0.0.1:${server.port}/`, { dispatcher: client })
  await soon(once(socket, 'open'), 'open')
  await new Promise((resolve) => setTimeout(resolve, 150))
  socket.send('over the client')
  const [event] = (await soon(once(socket, 'message'), 'an echo')) as [MessageEvent]
  expect(event.data).toBe('over the client')
  socket.close()
  await soon(once(socket, 'close'), 'the close')
  await eventually(() => server.open === 0, 'the socket is gone')
  expect(client.getMetrics()).toMatchObject({ successful_requests: 1, failed_requests: 0 })
})

/** Numbers its streams, and asks to be asked again soon. */
const startEvents = (): Promise<TestServer> => {
  let streams = 0
  return startHttp((_, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write(`retry: 5\ndata: ${++streams}\n\n`)
  })
}

function eventsOver(dispatcher: Dispatcher, { origin }: TestServer): EventSource {
  return new EventSource(origin, { node: { dispatcher, reconnectionTime: 5 } })
}

async function next(source: EventSource): Promise<unknown> {
  const [{ data }] = (await soon(once(source, 'message'), 'an event')) as [MessageEvent]
  return data
}

test("undici's EventSource over the pool: asked for again when it breaks off, and let go by close()", async () => {
  await using server = await startEvents()
  await using pool = new ConnectionPool({ maxConnections: 1 })
  const source = eventsOver(pool, server)
  expect(await next(source)).toBe('1')
  for (const socket of server.sockets) socket.destroy()
  expect(await next(source)).toBe('2')
  source.close()
  await eventually(() => server.open === 0 && pool.snapshot().inFlight === 0, 'the connection is let go')
})

test("undici's EventSource over a client: a stream longer than its times ends and comes back", async () => {
  await using server = await startEvents()
  await using client = clientOf(server, { timeout: 60 })
  const source = eventsOver(client, server)
  expect(await next(source)).toBe('1')
  expect(await next(source)).toBe('2')
  source.close()
  await eventually(
    () => server.open === 0 && client.pool.snapshot().inFlight === 0,
    'the connection is let go',
  )
})
