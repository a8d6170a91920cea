/** The package `eventsource` over `client.fetch`: streams that stay, each of which holds a connection. */
import { once } from 'node:events'
import type { RequestListener, ServerResponse } from 'node:http'
import { EventSource, type ErrorEvent } from 'eventsource'
import { expect, test } from 'vitest'
import type { HttpClient } from '../src/client/http-client.ts'
import { DropInLab, nowhere } from './support/drop-in-lab.ts'
import { eventually, soon } from './support/wait.ts'

/** Closed at the end of its test. */
function over({ fetch }: HttpClient, url: string): EventSource & Disposable {
  return Object.assign(new EventSource(url, { fetch }), {
    [Symbol.dispose](this: EventSource) {
      this.close()
    },
  })
}

const event = async <T extends Event>(source: EventSource, name: string): Promise<T> =>
  ((await soon(once(source, name), `the event ${name}`)) as [T])[0]

function begin(response: ServerResponse): ServerResponse {
  return response.writeHead(200, { 'content-type': 'text/event-stream' })
}
/** Says one thing and stays. */
const staying: RequestListener = (_, response) => void begin(response).write('data: here\n\n')

test('eventsource: events arrive as they are sent', async () => {
  await using lab = await DropInLab.start({
    '/events': (_, response) => {
      begin(response).write('id: 1\ndata: wa')
      setTimeout(() => response.write('rm\n\nevent: more\ndata: up\n\n'), 10)
    },
  })
  await using client = lab.client()
  using source = over(client, lab.url('/events'))
  const [first, second] = [event<MessageEvent>(source, 'message'), event<MessageEvent>(source, 'more')]
  expect(await first).toMatchObject({ data: 'warm', lastEventId: '1' })
  expect(await second).toMatchObject({ data: 'up' })
})

test('eventsource: an error status is told, and not tried again', async () => {
  await using lab = await DropInLab.start()
  await using client = lab.client()
  using source = over(client, lab.url('/status/401'))
  expect(await event<ErrorEvent>(source, 'error')).toMatchObject({ code: 401 })
  expect(source.readyState).toBe(source.CLOSED)
  expect(lab.server.requests).toBe(1)
})

test('eventsource: close() in line and in the stream lets go of the connection', async () => {
  await using lab = await DropInLab.start({ '/events': staying })
  await using client = lab.client({ maxConnections: 1 })
  using first = over(client, lab.url('/events'))
  await event(first, 'message')
  using second = over(client, lab.url('/events'))
  await eventually(() => client.pool.snapshot().waiting === 1, 'the second waits')
  second.close()
  await eventually(() => client.pool.snapshot().waiting === 0, 'it has left the line')
  expect(lab.server.requests).toBe(1)
  first.close()
  await eventually(
    () => lab.server.open === 0 && client.pool.snapshot().inFlight === 0,
    'the connection is let go',
  )
})

test('eventsource: a stream that breaks off is asked for again, from where it was', async () => {
  const lastIds: unknown[] = []
  await using lab = await DropInLab.start({
    '/events': (incoming, response) => {
      lastIds.push(incoming.headers['last-event-id'])
      begin(response).write(`retry: 5\nid: ${lastIds.length}\ndata: ${lastIds.length}\n\n`)
      if (lastIds.length === 1) setTimeout(() => incoming.socket.destroy(), 10)
    },
  })
  await using client = lab.client()
  using source = over(client, lab.url('/events'))
  expect(await event(source, 'message')).toMatchObject({ data: '1' })
  expect(await event<ErrorEvent>(source, 'error')).toHaveProperty(
    'message',
    expect.stringContaining('terminated'),
  )
  expect(await event(source, 'message')).toMatchObject({ data: '2' })
  expect(lastIds).toEqual([undefined, '1'])
})

test("eventsource: a stream longer than the client's times ends, and comes back", async () => {
  await using lab = await DropInLab.start({
    '/events': (_, response) => void begin(response).write('retry: 5\ndata: here\n\n'),
  })
  await using client = lab.client({ timeout: 5_000, bodyIdleTimeout: 40 })
  using source = over(client, lab.url('/events'))
  await event(source, 'message')
  expect((await event<ErrorEvent>(source, 'error')).message).toContain('terminated')
  await event(source, 'message')
  expect(lab.server.requests).toBe(2)
})

test('eventsource: a network failure is told with its cause, and it goes on trying', async () => {
  await using lab = await DropInLab.start()
  await using client = lab.client()
  using source = over(client, await nowhere())
  const { message } = await event<ErrorEvent>(source, 'error')
  expect(message).toContain('fetch failed')
  expect(message).toContain('ECONNREFUSED')
  expect(source.readyState).toBe(source.CONNECTING)
})

test('eventsource: streams keep to the limit, and the next has its turn when one ends', async () => {
  await using lab = await DropInLab.start({ '/events': staying })
  await using client = lab.client({ maxConnections: 2 })
  using first = over(client, lab.url('/events'))
  using second = over(client, lab.url('/events'))
  await Promise.all([event(first, 'message'), event(second, 'message')])
  using third = over(client, lab.url('/events'))
  const hears = event(third, 'message')
  await eventually(() => client.pool.snapshot().waiting === 1, 'the third waits')
  expect(lab.server.peak).toBe(2)
  first.close()
  await hears
  await eventually(() => lab.server.open === 2, 'two streams again')
  expect(lab.server.total).toBe(3)
})
