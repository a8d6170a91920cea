/** Recorded traffic: what a client heard from a real server it hears again from a file, and nothing else. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { Agent, fetch, request } from 'undici'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { HttpClient } from '../src/client/http-client.ts'
import type { HttpClientOptions } from '../src/client/options.ts'
import type { ConfigError } from '../src/errors.ts'
import { faultServer, type FaultServer } from '../src/testing/fault-server.ts'
import type { TrafficOptions } from '../src/testing/traffic-options.ts'
import { recordedTraffic, type RecordedTraffic } from '../src/testing/traffic.ts'
import { failureOf } from './support/client-tools.ts'
import { soon } from './support/wait.ts'

let folder: string
let file: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'keepwarm-traffic-'))
  file = join(folder, 'deeper', 'orders.json')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

type Use = (client: HttpClient, traffic: RecordedTraffic) => Promise<unknown>

/** Lets a client at an address use the traffic, and saves what was recorded. */
async function using(baseUrl: string, options: Partial<TrafficOptions>, use: Use): Promise<RecordedTraffic> {
  const traffic = await recordedTraffic({ file, ...options })
  await using client = clientOf(baseUrl, traffic)
  await use(client, traffic)
  await traffic.save()
  return traffic
}

function clientOf(baseUrl: string, traffic: RecordedTraffic, options: HttpClientOptions = {}): HttpClient {
  return new HttpClient({ baseUrl, interceptors: [traffic.interceptor], retry: { base: 1 }, ...options })
}

/** Records against a server that is gone afterwards; gives its address. */
async function recorded(
  server: FaultServer,
  use: Use,
  options: Partial<TrafficOptions> = {},
): Promise<string> {
  await using _ = server
  const { origin } = server
  await using(origin, { mode: 'record', ...options }, use)
  return origin
}

test('a recording answers as the server did, attempt by attempt, when the server is gone', async () => {
  const bytes = Uint8Array.of(0xff, 0, 0x80)
  const script = [
    { status: 503 },
    { json: { id: 7 }, headers: { 'x-a': 'ä' } },
    { body: bytes },
    { status: 404, json: 'no' },
    { status: 204 },
  ]
  const use: Use = async (client) => {
    const order = await client.get('/orders/7?full=1')
    const heard = [
      [order.status, order.attempt, order.headers['x-a'], await order.json()],
      await client.post('/bytes', { json: { a: 1 } }).bytes(),
      (await failureOf(client.get('/none').json())).message.replace(/after .*? ms/, ''),
      (await client.head('/head')).status,
    ]
    return results.push(heard)
  }
  const results: unknown[] = []
  const origin = await recorded(await faultServer({ script }), use)
  const traffic = await using(origin, {}, use)
  expect(results[1]).toEqual(results[0])
  expect(results[0]).toMatchObject([
    [200, 2, expect.any(String), { id: 7 }],
    Buffer.from(bytes),
    expect.any(String),
    204,
  ])
  expect(traffic.unused).toEqual([])
})

test('the file has no secrets, is readable, and its text is that of version 1', async () => {
  const script = [
    { json: { access_token: 'hunter2', for: 'you' }, headers: { 'set-cookie': 'sid=hunter2; Secure' } },
  ]
  const origin = await recorded(
    await faultServer({ script }),
    (client) =>
      client
        .post('/login?api_key=hunter2&q=1', {
          headers: { authorization: 'Bearer hunter2', 'x-tenant': 'hunter2', 'x-b': 'b' },
          json: { password: 'hunter2' },
        })
        .json(),
    { secrets: ['x-tenant'] },
  )
  const text = readFileSync(file, 'utf8')
  expect(text).not.toContain('hunter2')
  expect(JSON.parse(text)).toMatchObject({
    version: 1,
    exchanges: [
      {
        request: {
          method: 'POST',
          url: `${origin}/login?api_key=***&q=1`,
          headers: { authorization: '***', 'x-b': 'b' },
          body: { text: '{"password":"***"}' },
        },
        response: {
          status: 200,
          headers: { 'set-cookie': 'sid=***; Secure', 'content-length': '34' },
          body: { text: '{"access_token":"***","for":"you"}' },
        },
      },
    ],
    unrecorded: [],
  })
  expect(text).not.toMatch(/"(connection|keep-alive|transfer-encoding)"/)
  await using(origin, { secrets: ['x-tenant'] }, async (client) => {
    // Other secrets, the same request.
    const answer = client.post('/login?api_key=x&q=1', { json: { password: 'y' } })
    expect(await answer.json()).toEqual({ access_token: '***', for: 'you' })
  })
})

test('a replay refuses what it has no answer to, at once, and asks nobody', async () => {
  const server = await faultServer()
  await using _ = server
  await using(server.origin, { mode: 'record' }, (client) => client.get('/orders?page=1').json())
  await using(server.origin, {}, async (client) => {
    const unknown = await failureOf(client.get('/orders?page=2').json())
    expect(unknown).toMatchObject({ code: 'invalid_request', attempts: [{ number: 1 }] })
    expect(unknown.message).toContain(
      `no answer to GET ${server.origin}/orders?page=2 is recorded; the nearest is GET ${server.origin}/orders?page=1: another query`,
    )
    await client.get('/orders?page=1').json()
    const again = await failureOf(client.get('/orders?page=1').json())
    expect(again.message).toContain('is recorded once, and was asked for once more')
  })
  expect(server.arrived).toBe(1)
})

test('auto answers what it has, records what it has not, and leaves the rest of the file as it was', async () => {
  await using server = await faultServer({ script: [{ json: 1 }, { json: 2 }] })
  const first = await using(server.origin, { mode: 'auto' }, (client) => client.get('/a').json())
  expect(first.exchanges).toHaveLength(1)
  const heard: unknown[] = []
  await using(server.origin, { mode: 'auto' }, async (client) => {
    for (const path of ['/a', '/b']) heard.push(await client.get(path).json())
  })
  expect(heard).toEqual([1, 2])
  expect(server.requests.map(({ path }) => path)).toEqual(['/a', '/b'])
  const both = await using(server.origin, {}, async (client) => {
    for (const path of ['/b', '/a']) heard.push(await client.get(path).json())
  })
  expect(heard.slice(2)).toEqual([2, 1])
  expect(both.exchanges.map(({ request: { url } }) => url.slice(-2))).toEqual(['/a', '/b'])
})

test('exchanges stand in the order in which they began, not in that in which they ended', async () => {
  const rules = [{ path: '/slow', answer: { delay: 200 } }]
  await recorded(await faultServer({ rules }), (client) =>
    Promise.all([client.get('/slow').json(), client.get('/fast').json()]),
  )
  const { exchanges } = await recordedTraffic({ file })
  expect(exchanges.map(({ request: { url } }) => new URL(url).pathname)).toEqual(['/slow', '/fast'])
})

test('what fails or is too large passes, and the file says that it is not in it', async () => {
  const script = [{ fault: 'reset' }, { body: 'x'.repeat(2_000) }, {}, {}] as const
  const origin = await recorded(
    await faultServer({ script }),
    async (client, traffic) => {
      expect(await client.get('/large').text()).toHaveLength(2_000)
      await client.post('/upload', { body: 'y'.repeat(2_000) }).json()
      await client.get('/small').json()
      expect(traffic.unrecorded.map(({ request: what }) => what.split(' ')[0])).toEqual([
        'GET',
        'GET',
        'POST',
      ])
    },
    { maxBodyBytes: 1_000 },
  )
  const { unrecorded, exchanges } = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown[]>
  expect(exchanges).toHaveLength(1)
  expect(unrecorded).toMatchObject([
    { why: expect.stringContaining('it failed') as string },
    { why: 'its response has 2000 bytes, and maxBodyBytes is 1000 bytes' },
    { why: 'its body has 2000 bytes, and maxBodyBytes is 1000 bytes' },
  ])
  await using(origin, {}, async (client) => {
    const failure = await failureOf(client.post('/upload', { body: 'y'.repeat(2_000) }).json())
    expect(failure.message).toContain('left out: its body has 2000 bytes')
  })
})

test('no more exchanges than are allowed', async () => {
  await recorded(
    await faultServer(),
    async (client) => {
      for (const path of ['/1', '/2', '/3']) await client.get(path).json()
    },
    { maxExchanges: 2 },
  )
  const { exchanges, unrecorded } = await recordedTraffic({ file })
  expect(exchanges).toHaveLength(2)
  expect(unrecorded).toMatchObject([{ why: 'maxExchanges is 2' }])
})

test('a replayed answer waits for its reader, and can be given up', async () => {
  const origin = await recorded(
    await faultServer({ otherwise: { body: 'x'.repeat(500_000) } }),
    async (client) => {
      for (const path of ['/1', '/2', '/3']) await client.get(path).text()
    },
  )
  await using(origin, {}, async (client) => {
    let read = 0
    for await (const chunk of (await client.get('/1')).body) read += chunk.length
    expect(read).toBe(500_000)
    const response = await client.get('/2')
    response.body.destroy()
    const controller = new AbortController()
    const call = client.get('/3', { signal: controller.signal }).text()
    controller.abort()
    expect((await soon(failureOf(call), 'it ends')).code).toBe('aborted')
    expect(client.snapshot().calls).toMatchObject({ started: 3, inFlight: 0 })
  })
})

test('a request body that is a stream is let go in a replay, below any dispatcher', async () => {
  const server = await faultServer()
  const upload = async (traffic: RecordedTraffic): Promise<Readable> => {
    const body = Readable.from([Buffer.from('a'), Buffer.from('b')])
    const dispatcher = new Agent().compose(traffic.interceptor)
    await (await request(server.origin, { method: 'POST', body, dispatcher })).body.json()
    await dispatcher.close()
    return body
  }
  const traffic = await recordedTraffic({ file, mode: 'record' })
  await upload(traffic)
  await traffic.save()
  await server.close()
  const replaying = await recordedTraffic({ file })
  expect(replaying.exchanges[0]?.request.body).toEqual({ streamed: true })
  expect((await upload(replaying)).destroyed).toBe(true)
})

test('servers are asked for bodies that can be read, whatever the client asks for', async () => {
  await using server = await faultServer()
  await using(server.origin, { mode: 'auto' }, (client) =>
    client.get('/', { headers: { 'Accept-Encoding': 'br' } }).json(),
  )
  expect(server.requests[0]?.headers['accept-encoding']).toBe('identity')
})

test('what is compressed all the same is decoded, so that its secrets are seen; else it is left out', async () => {
  const json = Buffer.from(JSON.stringify({ token: 'hunter2', a: 1 }))
  const packed = (encoding: string, body: Uint8Array) => ({
    body,
    headers: { 'content-encoding': encoding, 'content-type': 'application/json' },
  })
  const script = [
    packed('gzip', gzipSync(json)),
    packed('br', brotliCompressSync(json)),
    packed('x-own', json),
    packed('gzip', gzipSync(Buffer.alloc(50_000))),
  ]
  const origin = await recorded(
    await faultServer({ script }),
    async (client) => {
      for (const path of ['/gzip', '/br'])
        expect(await client.get(path).json()).toEqual({ token: 'hunter2', a: 1 })
      for (const path of ['/own', '/bomb']) await (await client.get(path, { decompress: false })).bytes()
    },
    { maxBodyBytes: 10_000 },
  )
  expect(readFileSync(file, 'utf8')).not.toMatch(/hunter2|"content-encoding"/)
  const traffic = await using(origin, {}, async (client) => {
    for (const path of ['/gzip', '/br']) expect(await client.get(path).json()).toEqual({ token: '***', a: 1 })
  })
  expect(traffic.unrecorded.map(({ why }) => why)).toEqual([
    'its response cannot be read: content-encoding "x-own", maxBodyBytes 10000 bytes',
    'its response cannot be read: content-encoding "gzip", maxBodyBytes 10000 bytes',
  ])
})

test('any dispatcher records and replays: fetch and request of undici', async () => {
  const server = await faultServer({ otherwise: { json: [1] } })
  const ask = async (traffic: RecordedTraffic): Promise<unknown[]> => {
    const dispatcher = new Agent().compose(traffic.interceptor)
    const fetched = await fetch(`${server.origin}/f`, { dispatcher })
    const asked = await request(`${server.origin}/r`, { dispatcher, query: { a: '1' } })
    const heard = [
      await fetched.json(),
      fetched.headers.get('content-type'),
      fetched.statusText,
      await asked.body.json(),
    ]
    await dispatcher.close()
    return heard
  }
  const traffic = await recordedTraffic({ file, mode: 'record' })
  const before = await ask(traffic)
  await traffic.save()
  await server.close()
  expect(await ask(await recordedTraffic({ file }))).toEqual(before)
  expect(before).toEqual([[1], 'application/json', 'OK', [1]])
  const unknown = fetch('http://elsewhere/', {
    dispatcher: new Agent().compose((await recordedTraffic({ file })).interceptor),
  })
  await expect(unknown).rejects.toMatchObject({ cause: { code: 'invalid_request' } })
})

test('a replay writes nothing, a recording of nothing an empty file', async () => {
  await expect(recordedTraffic({ file })).rejects.toThrow(`there is no recorded traffic at ${file}`)
  await (await recordedTraffic({ file, mode: 'auto' })).save()
  expect(existsSync(file)).toBe(false)
  await (await recordedTraffic({ file, mode: 'record' })).save()
  const odd = `  ${readFileSync(file, 'utf8')}`
  writeFileSync(file, odd)
  await (await recordedTraffic({ file })).save()
  expect(readFileSync(file, 'utf8')).toBe(odd)
})

test('wrong options are told by name', async () => {
  const wrong = {
    file: '',
    mode: 'play',
    maxBodyBytes: -1,
    match: { bodies: false },
  } as unknown as TrafficOptions
  const { problems } = (await failureOf(recordedTraffic(wrong))) as ConfigError
  expect(problems.map(({ variable }) => variable)).toEqual(['match.bodies', 'file', 'mode', 'maxBodyBytes'])
  await expect(recordedTraffic({ file, secretz: [] } as never)).rejects.toThrow('did you mean secrets?')
})
