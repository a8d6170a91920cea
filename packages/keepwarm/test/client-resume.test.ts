/** A download that breaks off goes on where it stopped, when the caller asks for that and the server allows it. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { expect, test } from 'vitest'
import type { HttpClient } from '../src/client/http-client.ts'
import { clientOf, failureOf } from './support/client-tools.ts'
import { startHttp, type TestServer } from './support/servers.ts'

const whole = Buffer.from(Array.from({ length: 200_000 }, (_, index) => index % 251))

/** Sends so many bytes of what is asked for, and then nothing but the end of the connection. */
function breaksOff(response: ServerResponse, from: number, headers: object, bytes: number): void {
  const left = whole.length - from
  response.writeHead(from === 0 ? 200 : 206, {
    'content-length': left,
    ...(from > 0 && { 'content-range': `bytes ${from}-${whole.length - 1}/${whole.length}` }),
    ...headers,
  })
  if (bytes >= left) return void response.end(whole.subarray(from))
  response.write(whole.subarray(from, from + bytes), () => setTimeout(() => response.destroy(), 20))
}

interface Download {
  readonly server: TestServer
  readonly ranges: (string | undefined)[]
  readonly [Symbol.asyncDispose]: () => Promise<void>
}

type Answer = (response: ServerResponse, from: number, turn: number, request: IncomingMessage) => void

async function serve(answer: Answer): Promise<Download> {
  const ranges: (string | undefined)[] = []
  const server = await startHttp((request, response) => {
    const { range } = request.headers
    ranges.push(range)
    answer(response, Number(/^bytes=(\d+)-$/.exec(range ?? '')?.[1] ?? 0), ranges.length, request)
  })
  return { server, ranges, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() }
}

async function read(client: HttpClient, resume = true): Promise<Buffer> {
  const response = await client.get('/file', { resume, retry: { base: 1 } })
  return response.bytes()
}

const tagged = { etag: '"v1"' }

test('the caller sees one body, byte by byte, however often it breaks off', async () => {
  await using download = await serve((response, from, turn) =>
    breaksOff(response, from, tagged, turn < 3 ? 60_000 : Infinity),
  )
  await using client = clientOf(download.server)
  expect((await read(client)).equals(whole)).toBe(true)
  expect(download.ranges).toEqual([undefined, 'bytes=60000-', 'bytes=120000-'])
  expect(client.getMetrics()).toMatchObject({ successful_requests: 1, retries_by_reason: { reset: 2 } })
})

test('a text that is collected is asked for the rest as well', async () => {
  await using download = await serve((response, from, turn) =>
    breaksOff(response, from, tagged, turn === 1 ? 60_000 : Infinity),
  )
  await using client = clientOf(download.server)
  const bytes = await client.get('/file', { resume: true, retry: { base: 1 } }).bytes()
  expect(bytes.equals(whole)).toBe(true)
  expect(download.ranges).toEqual([undefined, 'bytes=60000-'])
})

test.each([
  ['nobody asked for it', { etag: '"v1"' }, false],
  ['the tag is weak', { etag: 'W/"v1"' }, true],
  ['there is no tag', {}, true],
  ['the server refuses ranges', { etag: '"v1"', 'accept-ranges': 'none' }, true],
])('it does not go on when %s', async (_, headers, resume) => {
  await using download = await serve((response, from) => breaksOff(response, from, headers, 60_000))
  await using client = clientOf(download.server)
  const error = await failureOf(read(client, resume))
  expect(error).toMatchObject({ code: 'reset', phase: 'body' })
  expect(download.ranges).toEqual([undefined])
})

test.each<[string, Answer, string]>([
  ['has changed', (response) => void response.writeHead(412).end(), 'has changed on the server'],
  [
    'is another version',
    (response, from) => breaksOff(response, from, { etag: '"v2"' }, Infinity),
    'has changed on the server',
  ],
  ['comes whole again', (response) => breaksOff(response, 0, tagged, Infinity), 'sends the whole again'],
  [
    'begins elsewhere',
    (response, from) => breaksOff(response, from - 1, tagged, Infinity),
    'other bytes than the ones that are missing',
  ],
  [
    'is longer than it said',
    (response, from) => {
      const range = `bytes ${from}-${whole.length - 2}/${whole.length}`
      response.writeHead(206, { 'content-range': range, ...tagged })
      response.end(whole.subarray(from))
    },
    'other bytes than the ones that are missing',
  ],
])('a rest that %s is not given to the caller', async (_, rest, why) => {
  await using download = await serve((response, from, turn, request) => {
    if (turn === 1) breaksOff(response, from, tagged, 60_000)
    else rest(response, from, turn, request)
  })
  await using client = clientOf(download.server)
  const error = await failureOf(read(client))
  expect(error).toMatchObject({ code: 'protocol', phase: 'body' })
  expect(error.message).toContain('broke off after')
  expect(error.message).toContain(why)
  expect(download.ranges).toHaveLength(2)
})

test('a server that is busy for a moment is asked again for the rest', async () => {
  await using download = await serve((response, from, turn) => {
    if (turn === 2) response.writeHead(503).end()
    else breaksOff(response, from, tagged, turn === 1 ? 60_000 : Infinity)
  })
  await using client = clientOf(download.server)
  const response = await client.get('/file', { resume: true, retry: { base: 1, throttledBase: 1 } })
  expect((await response.bytes()).equals(whole)).toBe(true)
  expect(download.ranges).toEqual([undefined, 'bytes=60000-', 'bytes=60000-'])
})

test('resume is true or false', async () => {
  await using download = await serve((response, from) => breaksOff(response, from, tagged, Infinity))
  await using client = clientOf(download.server)
  const error = await failureOf(client.get('/file', { resume: 'yes' as never }).bytes())
  expect(error.message).toContain('resume = "yes"')
})
