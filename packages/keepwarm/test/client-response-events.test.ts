/** A stream of events goes on where it broke off, and ends when somebody says so, on either side. */
import type { IncomingHttpHeaders, ServerResponse } from 'node:http'
import zlib from 'node:zlib'
import { expect, test } from 'vitest'
import type { ServerSentEvent } from '../src/client/events/event-parser.ts'
import type { HttpClient } from '../src/client/http-client.ts'
import type { HttpClientOptions } from '../src/client/options.ts'
import { ManualRuntime } from '../src/testing/index.ts'
import { clientOf, failureOf } from './support/client-tools.ts'
import { startHttp, type TestServer } from './support/servers.ts'
import { eventually, soon } from './support/wait.ts'

type Answer = (response: ServerResponse, turn: number, headers: IncomingHttpHeaders) => void

interface Scene extends AsyncDisposable {
  readonly server: TestServer
  readonly client: HttpClient
  readonly asked: IncomingHttpHeaders[]
}

/** A server whose answers are streams of events, unless they say something else. */
async function serve(answer: Answer, options?: HttpClientOptions): Promise<Scene> {
  const asked: IncomingHttpHeaders[] = []
  const server = await startHttp((request, response) => {
    asked.push(request.headers)
    response.setHeader('content-type', 'text/event-stream; charset=utf-8')
    answer(response, asked.length, request.headers)
  })
  const client = clientOf(server, { retry: false, ...options })
  const end = async (): Promise<void> => {
    await client.destroy()
    await server[Symbol.asyncDispose]()
  }
  return { server, client, asked, [Symbol.asyncDispose]: end }
}

const quick = { reconnectDelay: 1 }

async function all(events: AsyncGenerator<ServerSentEvent>): Promise<ServerSentEvent[]> {
  const read: ServerSentEvent[] = []
  for await (const event of events) read.push(event)
  return read
}

const event = (data: string, id = ''): ServerSentEvent => ({ event: 'message', data, id })

test('events come as they arrive, cut anywhere, until the server wants no more', async () => {
  await using scene = await serve(async (response, turn) => {
    if (turn > 1) return void response.writeHead(204).end()
    for (const byte of Buffer.from(
      '\ufeff: hello\r\nevent: añadir\r\ndata: €\r\ndata: 🐿\r\nid: 1\r\n\r\ndata: b\n\ndata: no',
    )) {
      response.write(Buffer.of(byte))
      await new Promise(setImmediate)
    }
    response.end()
  })
  const events = await all(scene.client.get('/').events(quick))
  expect(events).toEqual([{ event: 'añadir', data: '€\n🐿', id: '1' }, event('b', '1')])
  expect(scene.asked.map((headers) => headers['last-event-id'])).toEqual([undefined, '1'])
  expect(scene.asked[0]).toMatchObject({
    accept: 'text/event-stream',
    'cache-control': 'no-store',
    'accept-encoding': 'identity',
  })
})

test('a stream that ends or breaks goes on from the last event that was complete', async () => {
  await using scene = await serve((response, turn) => {
    if (turn === 1) response.end('id: ä€\ndata: 1\n\n')
    else if (turn === 2)
      response.write('id: 2\ndata: 2\n\nid: 3\ndata: lost', () => setTimeout(() => response.destroy(), 5))
    else if (turn === 3) response.end('data: 3\n\n')
    else response.writeHead(204).end()
  })
  const { client, asked } = scene
  const events = await all(
    client.get('/', { headers: { 'x-mine': 'yes', accept: 'text/event-stream, */*' } }).events(quick),
  )
  expect(events).toEqual([event('1', 'ä€'), event('2', '2'), event('3', '2')])
  const ids = asked.map((headers) => headers['last-event-id'] as string | undefined)
  expect(ids).toEqual([undefined, Buffer.from('ä€').toString('latin1'), '2', '2'])
  expect(asked.every((headers) => headers['x-mine'] === 'yes')).toBe(true)
  expect(asked[0]!.accept).toBe('text/event-stream, */*')
  expect(client.getMetrics().total_requests).toBe(4) // each connection is a call
})

test('it can go on where somebody else stopped', async () => {
  await using scene = await serve((response) => response.end('data: a\n\n'))
  const events = scene.client.get('/').events({ ...quick, lastEventId: '41' })
  expect((await events.next()).value).toEqual(event('a', '41'))
  await events.return(undefined)
  expect(scene.asked[0]!['last-event-id']).toBe('41')
})

test('a failure that may pass is waited out; one at the beginning, or that will not pass, is told', async () => {
  await using scene = await serve((response, turn) => {
    if (turn === 1) response.end('data: 1\n\n')
    else if (turn === 2) response.writeHead(503).end()
    else if (turn === 3) response.socket!.destroy()
    else if (turn === 4) response.end('data: 2\n\n')
    else response.writeHead(401).end('who are you?')
  })
  const events = scene.client.get('/').events(quick)
  expect((await events.next()).value).toEqual(event('1'))
  expect((await events.next()).value).toEqual(event('2'))
  expect(await failureOf(events.next())).toMatchObject({ code: 'status', status: 401, body: 'who are you?' })
  expect((await events.next()).done).toBe(true)
  await using broken = await serve((response) => response.writeHead(503).end())
  expect(await failureOf(broken.client.get('/').events(quick).next())).toMatchObject({ status: 503 })
  expect(broken.asked).toHaveLength(1)
})

test('connections that bring nothing are counted, and one that brings something begins the count anew', async () => {
  await using scene = await serve((response, turn) => {
    if (turn === 3) response.write(': here I am\n', () => response.end())
    else response.end()
  })
  const { client, asked } = scene
  const error = await failureOf(
    client
      .get('/')
      .events({ ...quick, maxReconnects: 2 })
      .next(),
  )
  expect(error).toMatchObject({ code: 'reset' })
  expect(asked).toHaveLength(6) // two with nothing, the comment, and three that end it
  await using silent = await serve((response) => response.end())
  const nothing = await failureOf(
    silent.client
      .get('/')
      .events({ ...quick, maxReconnects: 0 })
      .next(),
  )
  expect(nothing).toMatchObject({ code: 'reset', phase: 'body', sent: 'maybe' })
  expect(nothing.message).toBe(
    `the event stream of GET ${silent.server.origin}/ ended 1 times in a row without a word`,
  )
})

test('a POST is not sent again unless the caller says so', async () => {
  await using scene = await serve((response, turn) => {
    if (turn < 3) response.end(`data: ${turn}\n\n`)
    else response.writeHead(204).end()
  })
  const { client, asked } = scene
  expect(await all(client.post('/', { json: {} }).events(quick))).toEqual([event('1')])
  expect(await all(client.post('/', { json: {} }).events({ ...quick, reconnect: true }))).toEqual([
    event('2'),
  ])
  expect(asked).toHaveLength(3)
  asked.length = 1
  expect(await all(client.get('/').events({ ...quick, reconnect: false }))).toEqual([event('2')])
  asked.length = 1
  expect(await all(client.post('/', { json: {}, idempotent: true }).events(quick))).toEqual([event('2')])
  expect(asked).toHaveLength(3)
})

test('a stream of a POST that breaks off is an error: what is missing cannot be had', async () => {
  await using scene = await serve((response) => {
    response.write('data: 1\n\n', () => setTimeout(() => response.destroy(), 5))
  })
  const events = scene.client.post('/', { json: {} }).events(quick)
  expect((await events.next()).value).toEqual(event('1'))
  expect(await failureOf(events.next())).toMatchObject({ code: 'reset', phase: 'body' })
  expect(scene.asked).toHaveLength(1)
})

test('what is no stream of events is said to be none', async () => {
  await using scene = await serve((response, turn) => {
    if (turn === 1) response.setHeader('content-type', 'text/html\u0085x')
    else response.removeHeader('content-type')
    response.write('<html>')
  })
  const { client, server } = scene
  const html = await failureOf(client.get('/').events().next())
  expect(html).toMatchObject({ code: 'decode', phase: 'body' })
  expect(html.message).toBe(`GET ${server.origin}/ answered 200 with text/html x, not with text/event-stream`)
  expect((await failureOf((await client.get('/')).events().next())).message).toContain(
    'without a content-type',
  )
  await eventually(() => server.open <= 1, 'the body that nobody reads is let go')
})

test('whoever stops is done at once, reading, between two connections, or while nothing comes', async () => {
  await using scene = await serve((response, turn) => {
    if (turn === 2) response.end('retry: 60000\ndata: 1\n\n')
    else response.write('data: 1\n\n')
  })
  const { client, server, asked } = scene
  for await (const one of client.get('/').events()) {
    expect(one).toEqual(event('1'))
    break
  }
  const waiting = client.get('/').events()
  await waiting.next()
  const next = waiting.next()
  await eventually(() => server.open === 1, 'the second answer is over, and it waits for a minute')
  await soon(waiting.return(undefined), 'a pause is left')
  expect(await next).toEqual({ done: true, value: undefined })
  const quiet = client.get('/').events()
  await quiet.next()
  const never = quiet.next()
  await soon(quiet.return(undefined), 'a quiet stream is left')
  expect(await never).toEqual({ done: true, value: undefined })
  await eventually(
    () => client.pool.snapshot().origins.every(({ inFlight }) => inFlight === 0),
    'nothing is held',
  )
  const unused = client.get('/').events()
  await unused.return(undefined)
  expect(asked).toHaveLength(3)
  {
    await using scoped = client.get('/').events()
    await scoped.next()
  }
  await eventually(
    () => client.pool.snapshot().origins.every(({ inFlight }) => inFlight === 0),
    'it went with its scope',
  )
})

test('a signal ends it wherever it is, with an error that says so', async () => {
  await using scene = await serve((response, turn) => {
    if (turn === 1) response.write('data: 1\n\n')
    else response.end('data: 1\n\n')
  })
  const { client } = scene
  for (const where of ['in the middle of the response', 'between two connections']) {
    const abort = new AbortController()
    const events = client.get('/', { signal: abort.signal }).events({ reconnectDelay: 60_000 })
    await events.next()
    const next = failureOf(events.next())
    setTimeout(() => abort.abort(), 20)
    const error = await soon(next, where)
    expect(error).toMatchObject({ code: 'aborted', name: 'AbortError' })
    expect(error.message).toContain(where)
  }
  const late = client.get('/', { signal: AbortSignal.abort() }).events()
  expect(await failureOf(late.next())).toMatchObject({ code: 'aborted' })
})

test('an event without an end does not fill the memory', async () => {
  await using scene = await serve((response) => {
    const write = (): void => {
      while (!response.destroyed && response.write('data: x\n'.repeat(1_000)));
      if (!response.destroyed) response.once('drain', write)
    }
    write()
  })
  const { client, server } = scene
  const error = await failureOf(client.get('/').events({ maxEventSize: 100_000 }).next())
  expect(error).toMatchObject({ code: 'body_too_large' })
  expect(error.message).toBe(
    `an event of GET ${server.origin}/ is larger than 100000 characters (maxEventSize)`,
  )
  await eventually(() => server.open === 0, 'the connection is let go')
})

test('packed streams come out as they arrive', async () => {
  await using scene = await serve((response) => {
    response.setHeader('content-encoding', 'gzip')
    const gzip = zlib.createGzip()
    gzip.pipe(response)
    gzip.write('data: 1\n\n')
    gzip.flush()
  })
  const events = scene.client.get('/').events()
  expect((await events.next()).value).toEqual(event('1'))
  await events.return(undefined)
})

test('the events of one response', async () => {
  await using scene = await serve((response) => response.end('data: 1\n\nid: 2\ndata: 2\n\n'))
  const response = await scene.client.get('/')
  expect(await all(response.events())).toEqual([event('1'), event('2', '2')])
  expect(await failureOf(response.events().next())).toMatchObject({ code: 'invalid_request' })
  expect(scene.asked).toHaveLength(1)
})

/** Until `check` holds, with the clock going on. */
async function until(runtime: ManualRuntime, ms: number, check: () => boolean): Promise<void> {
  for (let times = 0; times < 1_500 && !check(); times++) {
    runtime.advance(ms)
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
  expect(check()).toBe(true)
}

test('it waits as long as the server says, longer after nothing, and gives up who is silent', async () => {
  const runtime = new ManualRuntime()
  const moments: number[] = []
  await using scene = await serve(
    (response, turn) => {
      moments.push(runtime.now())
      if (turn === 1) response.end('retry: 7000\ndata: 1\n\n')
      else if (turn === 4)
        response.write('data: 4\n\n') // and then nothing, not even an end
      else if (turn === 5) response.end('data: 5\n\n')
      else response.end()
    },
    { runtime },
  )
  const read: string[] = []
  const reading = (async () => {
    for await (const { data } of scene.client.get('/').events()) {
      read.push(data)
      if (data === '5') break
    }
  })()
  await until(runtime, 250, () => read.includes('5'))
  await reading
  const waits = moments.slice(1).map((moment, index) => moment - moments[index]!)
  expect(waits[0]).toBeGreaterThanOrEqual(7_000)
  expect(waits[0]).toBeLessThan(12_000)
  expect(waits[1]).toBeGreaterThanOrEqual(14_000)
  expect(waits[2]).toBeGreaterThanOrEqual(28_000)
  expect(waits[3]).toBeGreaterThanOrEqual(60_000 + 7_000) // a minute of silence, and what the server wants
})

test("a connection has the client's retries", async () => {
  const retry = { attempts: 3, base: 1 }
  await using scene = await serve(
    (response, turn) => void (turn < 3 ? response.writeHead(503).end() : response.end('data: 3\n\n')),
    { retry },
  )
  const events = scene.client.get('/').events(quick)
  expect((await events.next()).value).toEqual(event('3'))
  await events.return(undefined)
  expect(scene.asked).toHaveLength(3)
})

test('a stream is no probe of a breaker: it comes back and stays, however the breaker stands', async () => {
  let ill = true
  await using scene = await serve(
    (response, turn) => {
      if (turn > 1 && ill) response.writeHead(500).end()
      else if (turn === 1) response.end('data: 1\n\n')
      else {
        response.write('data: 2\n\n')
        setTimeout(() => response.write('data: 3\n\n'), 300)
      }
    },
    { breaker: { minimumCompletions: 2, openFor: 60_000 } },
  )
  const { client } = scene
  const events = client.get('/').events(quick)
  expect((await events.next()).value).toEqual(event('1'))
  for (let times = 0; times < 4; times++) await failureOf(client.get('/').text())
  expect((await failureOf(client.get('/').text())).code).toBe('breaker_open')
  ill = false
  expect((await events.next()).value).toEqual(event('2'))
  expect((await events.next()).value).toEqual(event('3'))
  await events.return(undefined)
})

test('it comes back no earlier than a busy server asks for', async () => {
  const runtime = new ManualRuntime()
  const moments: number[] = []
  await using scene = await serve(
    (response, turn) => {
      moments.push(runtime.now())
      if (turn === 2) response.writeHead(503, { 'retry-after': '120' }).end()
      else response.end(`data: ${turn}\n\n`)
    },
    { runtime },
  )
  const events = scene.client.get('/').events()
  expect((await events.next()).value).toEqual(event('1'))
  const next = events.next()
  await until(runtime, 1_000, () => moments.length === 3)
  expect((await next).value).toEqual(event('3'))
  expect(moments[2]! - moments[1]!).toBeGreaterThanOrEqual(120_000)
  await events.return(undefined)
})

test("it outlives the client's own timeout; one of its own limits the whole stream", async () => {
  const runtime = new ManualRuntime()
  await using scene = await serve(
    (response, turn) => {
      if (turn === 1) response.write('data: 1\n\n')
      else response.end('data: 2\n\n')
    },
    { runtime, timeout: 1_000, attemptTimeout: 500 },
  )
  const events = scene.client.get('/').events()
  expect((await events.next()).value).toEqual(event('1'))
  const next = events.next()
  runtime.advance(30_000)
  await new Promise((resolve) => setTimeout(resolve, 20))
  await events.return(undefined)
  expect((await next).done).toBe(true)
  const limited = scene.client.get('/', { timeout: 5_000 }).events({ reconnectDelay: 10_000 })
  expect((await limited.next()).value).toEqual(event('2'))
  const error = await failureOf(limited.next())
  expect(error).toMatchObject({ code: 'deadline', phase: 'body' })
  expect(error.message).toContain('its timeout leaves no time')
})

test('options that are wrong are named', async () => {
  await using scene = await serve((response) => response.end())
  const wrong: [object, string][] = [
    [{ reconect: true }, 'did you mean events.reconnect?'],
    [{ maxReconnects: -1 }, 'events.maxReconnects'],
    [{ reconnectDelay: '1s' }, 'events.reconnectDelay'],
    [{ lastEventId: 'a\nb' }, 'events.lastEventId'],
    [{ maxEventSize: 0 }, 'events.maxEventSize'],
    [{ reconnect: 1 }, 'events.reconnect'],
  ]
  for (const [options, why] of wrong) {
    const error = await failureOf(scene.client.get('/').events(options).next())
    expect(error).toMatchObject({ code: 'config' })
    expect(error.message).toContain(why)
  }
  expect(scene.asked).toHaveLength(0)
})
