/** Whatever the server packs comes out unpacked, in bounded memory, and what cannot be unpacked is said to be so. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import zlib from 'node:zlib'
import { request } from 'undici'
import { expect, test } from 'vitest'
import type { HttpClient } from '../src/client/http-client.ts'
import type { HttpClientOptions } from '../src/client/options.ts'
import { clientOf, failureOf } from './support/client-tools.ts'
import { startH2, startHttp, trust, type TestServer } from './support/servers.ts'
import { eventually } from './support/wait.ts'

const value = { words: Array.from({ length: 300 }, (_, index) => `käse ${index} €`) }
const plain = Buffer.from(JSON.stringify(value))

const pack = {
  gzip: zlib.gzipSync,
  'x-gzip': zlib.gzipSync,
  deflate: zlib.deflateSync,
  br: (body: Buffer) => zlib.brotliCompressSync(body),
  zstd: zlib.zstdCompressSync,
  'deflate, gzip': (body: Buffer) => zlib.gzipSync(zlib.deflateRawSync(body)),
} as const

type Serve = (request: IncomingMessage, response: ServerResponse) => void

async function serve(
  listener: Serve,
  options?: HttpClientOptions,
): Promise<{ server: TestServer; client: HttpClient } & AsyncDisposable> {
  const server = await startHttp(listener)
  const client = clientOf(server, options)
  const end = async (): Promise<void> => {
    await client.destroy()
    await server[Symbol.asyncDispose]()
  }
  return { server, client, [Symbol.asyncDispose]: end }
}

function packed(encoding: string, body: Buffer | string, status = 200): Serve {
  return (_request, response) => {
    response.writeHead(status, { 'content-encoding': encoding, 'content-type': 'application/json' })
    response.end(body)
  }
}

test.each(Object.entries(pack))('%s comes out unpacked in every form', async (encoding, make) => {
  const body = make(plain)
  await using scene = await serve(packed(encoding, body))
  const { client, server } = scene
  const call = () => client.get('/')
  expect(await call().json()).toEqual(value)
  expect(await call().text()).toBe(plain.toString())
  expect(await call().bytes()).toEqual(plain)
  expect(Buffer.concat(await (await call().stream()).toArray())).toEqual(plain)
  expect((await call().lines().next()).value).toBe(plain.toString())
  expect((await call().ndjson().next()).value).toEqual(value)
  const response = await call()
  expect(await response.json()).toEqual(value)
  expect(response.headers['content-encoding']).toBe(encoding)
  await call().discard()
  expect(server.total).toBe(1)
})

test('it asks for what it can unpack; a call may ask for something else, or for nothing', async () => {
  const asked: (string | undefined)[] = []
  const listener: Serve = (request, response) => {
    asked.push(request.headers['accept-encoding'])
    response.end()
  }
  await using scene = await serve(listener)
  const all = 'gzip, deflate, br, zstd'
  await scene.client.get('/').text()
  await scene.client.get('/', { headers: { 'Accept-Encoding': 'br' } }).text()
  await scene.client.get('/', { decompress: false }).text()
  await scene.client.get('/', { decompress: false, headers: { 'accept-encoding': 'br' } }).text()
  await scene.client.get('/', { headers: { 'accept-encoding': undefined } }).text()
  await scene.client.get('/', { headers: { range: 'bytes=0-1' } }).text()
  await scene.client.get('/', { resume: true }).text()
  expect(asked.splice(0)).toEqual([all, 'br', undefined, 'br', undefined, 'identity', 'identity'])
  await using off = await serve(listener, { decompress: false })
  await off.client.get('/').text()
  await off.client.get('/', { decompress: true }).text()
  expect(asked.splice(0)).toEqual([undefined, all])
  await using own = await serve(listener, { headers: { 'accept-encoding': 'gzip' } })
  await own.client.get('/').text()
  expect(asked).toEqual(['gzip'])
})

test('without decompress every body is as it came', async () => {
  const body = zlib.gzipSync(plain)
  await using scene = await serve(packed('gzip', body), { decompress: false })
  const { client } = scene
  expect(await client.get('/').bytes()).toEqual(body)
  expect(await (await client.get('/')).bytes()).toEqual(body)
  expect(await client.get('/', { decompress: true }).bytes()).toEqual(plain)
})

test('undici and what else dispatches through the client gets what came over the wire', async () => {
  const body = zlib.gzipSync(plain)
  await using scene = await serve(packed('gzip', body))
  const { client, server } = scene
  const response = await request(server.origin, { dispatcher: client })
  expect(Buffer.from(await response.body.arrayBuffer())).toEqual(body)
})

test('a coding that nobody knows: bytes as they came, and an error where text is asked for', async () => {
  await using scene = await serve(packed('compress', 'whatever'))
  const { client } = scene
  expect((await client.get('/').bytes()).toString()).toBe('whatever')
  expect(String(Buffer.concat(await (await client.get('/').stream()).toArray()))).toBe('whatever')
  const response = await client.get('/')
  for (const read of [
    () => client.get('/').text(),
    () => client.get('/').json(),
    () => client.get('/').lines().next(),
    () => client.get('/').ndjson().next(),
    () => response.json(),
    () => response.text(),
  ]) {
    const error = await failureOf(read())
    expect(error).toMatchObject({ code: 'decode', phase: 'body', sent: 'maybe' })
    expect(error.message).toContain(
      `GET ${scene.server.origin}/ cannot be decoded: its content-encoding "compress" is not known`,
    )
    expect(error.message).toContain('bytes()')
  }
  expect((await response.bytes()).toString()).toBe('whatever') // still there for who wants it so
})

test('a part of a packed body is not unpacked', async () => {
  const body = zlib.gzipSync(plain).subarray(10, 20)
  await using scene = await serve(packed('gzip', body, 206))
  const { client } = scene
  expect(await client.get('/', { headers: { range: 'bytes=10-19' } }).bytes()).toEqual(body)
  expect((await failureOf(client.get('/').text())).message).toContain('a part of an encoded body')
})

test('what is cut off or broken is an error of the call, and costs no connection', async () => {
  const short = zlib.gzipSync(plain).subarray(0, -20)
  await using scene = await serve(packed('gzip', short))
  const { client, server } = scene
  for (const read of [() => client.get('/').json(), async () => (await client.get('/')).text()]) {
    const error = await failureOf(read())
    expect(error).toMatchObject({ code: 'decode', phase: 'body', sent: 'maybe' })
    expect(error.message).toContain(`the body of GET ${scene.server.origin}/ cannot be decoded`)
    expect(error.message).toContain('it ended before its end')
  }
  expect(server.total).toBe(1)
  expect(server.requests).toBe(2) // it is not asked for again: it would be the same
})

test('an answer without a body may say that it is packed', async () => {
  await using scene = await serve((request, response) => {
    response.writeHead(request.url === '/304' ? 304 : request.url === '/204' ? 204 : 200, {
      'content-encoding': 'gzip',
    })
    response.end()
  })
  const { client } = scene
  expect(await client.head('/').text()).toBe('')
  expect(await client.get('/204').text()).toBe('')
  expect(await client.get('/empty').text()).toBe('')
  expect(await (await client.get('/304')).text()).toBe('')
})

test('a bomb is stopped before it fills the memory, and its connection is let go', async () => {
  const bomb = zlib.gzipSync(Buffer.alloc(20 * 1024 * 1024))
  await using scene = await serve((request, response) => {
    response.writeHead(200, { 'content-encoding': 'gzip' })
    if (request.url === '/endless') response.write(bomb)
    else response.end(bomb)
  })
  const { client, server } = scene
  const why = 'decoded to more than 100 times its size on the wire (maxDecompressionRatio)'
  for (const read of [() => client.get('/').text(), async () => (await client.get('/')).bytes()]) {
    const error = await failureOf(read())
    expect(error).toMatchObject({ code: 'body_too_large', phase: 'body' })
    expect(error.message).toContain(why)
  }
  const endless = await failureOf((await client.get('/endless')).text())
  expect(endless.message).toContain(why)
  await eventually(() => client.pool.snapshot().connections <= 1, 'the one that still sends is closed')
  await eventually(() => server.open <= 1, 'the server sees that')
  expect(await client.get('/', { maxDecompressionRatio: 2_000 }).bytes()).toHaveLength(20 * 1024 * 1024)
})

test('over HTTP/2 a bomb costs its stream, and events come as they do elsewhere', async () => {
  const bomb = zlib.gzipSync(Buffer.alloc(20 * 1024 * 1024))
  await using server = await startH2((stream, headers) => {
    if (headers[':path'] === '/events') {
      stream.respond({ ':status': 200, 'content-type': 'text/event-stream' })
      return void stream.write('data: 1\n\n')
    }
    stream.respond({ ':status': 200, 'content-encoding': headers[':path'] === '/bomb' ? 'gzip' : 'br' })
    if (headers[':path'] === '/bomb') stream.write(bomb)
    else stream.end(zlib.brotliCompressSync(plain))
  })
  await using client = clientOf(server, { connect: trust })
  const error = await failureOf((await client.get('/bomb')).text())
  expect(error).toMatchObject({ code: 'body_too_large' })
  expect(await client.get('/').json()).toEqual(value)
  const events = client.get('/events').events()
  expect((await events.next()).value).toEqual({ event: 'message', data: '1', id: '' })
  await events.return(undefined)
  expect(await client.get('/').json()).toEqual(value)
  expect(server.total).toBe(1)
})

test('maxResponseBytes counts what a body becomes', async () => {
  await using scene = await serve(packed('br', zlib.brotliCompressSync(Buffer.alloc(50_000))))
  const { client } = scene
  const tight = { maxResponseBytes: 10_000 }
  for (const read of [
    () => client.get('/', tight).text(),
    async () => (await client.get('/', tight)).text(),
  ]) {
    const error = await failureOf(read())
    expect(error.code).toBe('body_too_large')
    expect(error.message).toContain('larger than maxResponseBytes')
  }
  expect(await client.get('/', { maxResponseBytes: 50_000 }).bytes()).toHaveLength(50_000)
})

test('what arrives in parts comes out in parts', async () => {
  const gzip = zlib.createGzip()
  await using scene = await serve((_request, response) => {
    response.writeHead(200, { 'content-encoding': 'gzip' })
    gzip.pipe(response)
    gzip.write('{"n":1}\n')
    gzip.flush()
  })
  const lines = scene.client.get('/').ndjson()
  expect((await lines.next()).value).toEqual({ n: 1 })
  gzip.end('{"n":2}\n')
  expect((await lines.next()).value).toEqual({ n: 2 })
  expect((await lines.next()).done).toBe(true)
})

test('a packed body that breaks off is asked for again while nobody has seen a part, and else broken', async () => {
  const body = zlib.gzipSync(plain)
  let turn = 0
  await using scene = await serve((request, response) => {
    response.writeHead(200, { 'content-encoding': 'gzip', 'content-length': body.length })
    if (request.url === '/once' && ++turn > 1) return void response.end(body)
    response.write(body.subarray(0, 50), () => setTimeout(() => response.destroy(), 10))
  })
  const { client } = scene
  expect(await client.get('/once').json()).toEqual(value)
  expect(await failureOf((await client.get('/always')).json())).toMatchObject({
    code: 'reset',
    phase: 'body',
  })
})

test('a packed download that breaks off goes on by the bytes on the wire', async () => {
  const body = zlib.gzipSync(Buffer.from(Array.from({ length: 60_000 }, (_, index) => (index * index) % 251)))
  const ranges: (string | undefined)[] = []
  await using scene = await serve((request, response) => {
    const { range } = request.headers
    ranges.push(range)
    const from = Number(/^bytes=(\d+)-$/.exec(range ?? '')?.[1] ?? 0)
    response.writeHead(from === 0 ? 200 : 206, {
      etag: '"v1"',
      'content-encoding': 'gzip',
      'content-length': body.length - from,
      ...(from > 0 && { 'content-range': `bytes ${from}-${body.length - 1}/${body.length}` }),
    })
    if (from > 0) return void response.end(body.subarray(from))
    response.write(body.subarray(0, 100), () => setTimeout(() => response.destroy(), 20))
  })
  const options = { resume: true, retry: { base: 1 }, headers: { 'accept-encoding': 'gzip' } }
  const { client } = scene
  expect(await client.get('/', options).bytes()).toEqual(zlib.gunzipSync(body))
  expect(await (await client.get('/', options)).bytes()).toEqual(zlib.gunzipSync(body))
  expect(ranges).toEqual([undefined, 'bytes=100-', undefined, 'bytes=100-'])
})

test('an error that is packed says what the server said; one that cannot be unpacked is the error all the same', async () => {
  await using scene = await serve((request, response) => {
    const body = zlib.gzipSync('{"errors":["name"]}')
    response.writeHead(422, { 'content-encoding': request.url === '/odd' ? 'compress' : 'gzip' })
    response.end(request.url === '/broken' ? body.subarray(0, 15) : body)
  })
  const { client } = scene
  const told = {
    status: 422,
    body: { errors: ['name'] },
    message: `GET ${scene.server.origin}/ answered 422: {"errors":["name"]}`,
  }
  expect(await failureOf(client.get('/').json())).toMatchObject(told)
  expect(await failureOf(client.get('/').discard())).toMatchObject(told)
  expect(await failureOf(client.get('/').stream())).toMatchObject(told)
  for (const path of ['/broken', '/odd']) {
    for (const read of [() => client.get(path).text(), () => client.get(path).stream()]) {
      const error = await failureOf(read())
      expect(error).toMatchObject({ code: 'status', status: 422, body: '' })
      expect(error.message).toMatch(/answered 422: \(.*(ended before its end|not known|broken)/)
    }
  }
})

test.each([
  [{ decompress: 'yes' }, 'decompress'],
  [{ maxDecompressionRatio: 0 }, 'maxDecompressionRatio'],
  [{ decompres: true }, 'did you mean decompress?'],
])('%j is refused', async (options, why) => {
  await using scene = await serve((_request, response) => response.end())
  expect((await failureOf(scene.client.get('/', options as object).text())).message).toContain(why)
  expect(() => clientOf(scene.server, options as object)).toThrow(why)
})
