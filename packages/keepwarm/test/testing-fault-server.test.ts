/** The fault server that users have in their tests: what it does is seen by a raw socket, by fetch and by a client. */
import net from 'node:net'
import { expect, test } from 'vitest'
import { HttpClient } from '../src/client/http-client.ts'
import type { HttpClientOptions } from '../src/client/options.ts'
import { ConfigError } from '../src/errors.ts'
import type { Fault } from '../src/testing/fault-answer.ts'
import { faultServer, type FaultServer } from '../src/testing/fault-server.ts'
import { failureOf } from './support/client-tools.ts'
import { eventually, sleep, soon } from './support/wait.ts'

function clientOf(server: FaultServer, options: HttpClientOptions = {}): HttpClient {
  return new HttpClient({ baseUrl: server.origin, retry: { base: 1 }, timeout: 5_000, ...options })
}

/** All that arrives on one connection until it ends or nothing more comes, and how it ended. */
function rawAnswer(server: FaultServer, quiet = 2_000): Promise<{ text: string; end: string }> {
  const { promise, resolve } = Promise.withResolvers<{ text: string; end: string }>()
  const socket = net.connect(Number(new URL(server.origin).port), '127.0.0.1')
  let text = ''
  socket.setTimeout(quiet, () => over('silence'))
  socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')))
  socket.on('end', () => over('fin'))
  socket.on('error', (error: NodeJS.ErrnoException) => over(error.code ?? error.message))
  socket.write('GET /x HTTP/1.1\r\nHost: x\r\n\r\n')
  function over(end: string): void {
    socket.destroy()
    resolve({ text, end })
  }
  return promise
}

const head = /^HTTP\/1\.1 200 OK\r\n(?:.+\r\n)+\r\n/

test.each<[Fault, end: string, head: boolean, body: string]>([
  ['reset', 'ECONNRESET', false, ''],
  ['close', 'fin', false, ''],
  ['reset_after_head', 'ECONNRESET', true, ''],
  ['reset_in_body', 'ECONNRESET', true, 'abc'],
  ['truncate', 'fin', true, 'abc'],
  ['hang', 'silence', false, ''],
  ['hang_in_body', 'silence', true, 'abc'],
  ['trickle', 'silence', true, 'abcdef'],
  ['broken_json', 'silence', true, 'abc'],
  ['short_length', 'silence', true, 'abcdef'],
])('on the wire: %s', async (fault, end, hasHead, body) => {
  await using server = await faultServer({ otherwise: { fault, body: 'abcdef', every: 5 } })
  const answer = await rawAnswer(server, 700)
  expect(answer.end).toBe(end)
  expect(head.test(answer.text)).toBe(hasHead)
  expect(answer.text.replace(head, '')).toBe(body)
  const length = /content-length: (\d+)/.exec(answer.text)?.[1]
  const promised = fault === 'short_length' || fault === 'broken_json' ? '3' : '6'
  expect(length).toBe(hasHead ? promised : undefined)
})

test('on the wire: garbage', async () => {
  await using server = await faultServer({ otherwise: { fault: 'garbage' } })
  const { text, end } = await rawAnswer(server)
  expect(text).toContain('no answer')
  expect(text).not.toContain('HTTP')
  expect(end).toBe('fin')
})

test.each<[Fault, string]>([
  ['reset', 'reset'],
  ['close', 'reset'],
  ['reset_after_head', 'reset'],
  ['reset_in_body', 'reset'],
  ['truncate', 'reset'],
  ['hang', 'deadline'],
  ['hang_in_body', 'deadline'],
  ['trickle', 'deadline'],
  ['garbage', 'protocol'],
  ['broken_json', 'decode'],
])('a client that does not retry: %s', async (fault, code) => {
  await using server = await faultServer({ script: [{ fault, json: 'a'.repeat(2_000) }] })
  await using client = clientOf(server, { retry: false, timeout: 1_000 })
  expect((await failureOf(client.get('/').json())).code).toBe(code)
  expect(await client.get('/').json()).toEqual({ ok: true })
  expect(server.requests.map(({ answered }) => answered)).toEqual([fault, 200])
})

test('retries follow the script, and its Retry-After', async () => {
  await using server = await faultServer({
    script: [{ retryAfter: 1 }, { fault: 'reset_in_body' }, { json: [7] }],
  })
  await using client = clientOf(server)
  const begun = performance.now()
  expect(await client.get('/orders').json()).toEqual([7])
  expect(performance.now() - begun).toBeGreaterThan(990)
  expect(server.requests.map(({ answered }) => answered)).toEqual([503, 'reset_in_body', 200])
  expect(server.scriptLeft).toBe(0)
})

test('the keep-alive race, certain: a connection that has served before is reset', async () => {
  await using server = await faultServer({ rules: [{ reused: true, nth: 1, answer: { fault: 'reset' } }] })
  await using client = clientOf(server, { retry: false })
  await client.get('/first').json()
  await client.get('/second').json()
  expect(client.pool.counters.lostRaces).toBe(1)
  expect(server.requests.map(({ path, connection, reused }) => [path, connection, reused])).toEqual([
    ['/first', 1, false],
    ['/second', 1, true],
    ['/second', 2, false],
  ])
})

test('idle connections are closed when their time is over, and only those', async () => {
  await using server = await faultServer({
    idleTimeout: 150,
    rules: [{ path: '/slow', answer: { delay: 500 } }],
  })
  await using client = clientOf(server)
  expect(await client.get('/slow').json()).toEqual({ ok: true })
  await eventually(() => server.open === 0, 'the idle connection is closed')
  expect(await client.get('/').json()).toEqual({ ok: true })
  expect(server.accepted).toBe(2)
})

test('closeIdle() leaves a connection alone that carries a request', async () => {
  await using server = await faultServer({ script: [{}, { delay: 300 }] })
  await using client = clientOf(server)
  await client.get('/').json()
  const slow = client.get('/').json()
  await eventually(() => server.arrived === 2, 'the second request is there')
  server.closeIdle()
  expect(await slow).toEqual({ ok: true })
  expect(server).toMatchObject({ open: 1, arrived: 2 })
  server.closeIdle('fin')
  await eventually(() => server.open === 0, 'it is closed')
})

test('what comes by chance comes the same with the same seed', async () => {
  const outcomes = async (seed: number): Promise<string> => {
    await using server = await faultServer({ seed, rules: [{ chance: 0.5, answer: { status: 500 } }] })
    for (let count = 0; count < 24; count++) await (await fetch(server.origin)).text()
    return server.requests.map(({ answered }) => answered).join(' ')
  }
  const [one, again, other] = [await outcomes(1), await outcomes(1), await outcomes(2)]
  expect(again).toBe(one)
  expect(other).not.toBe(one)
  expect(new Set(one.split(' '))).toEqual(new Set(['200', '500']))
})

test('the log has no secrets, is bounded, and so are the bodies in it', async () => {
  await using server = await faultServer({ maxLogged: 2, maxLoggedBody: 10, secrets: ['x-tenant'] })
  const ask = (path: string, init: RequestInit = {}): Promise<string> =>
    fetch(server.origin + path, init).then((response) => response.text())
  await ask('/1')
  await ask('/2?q=1&token=abc', { headers: { authorization: 'Bearer abc', 'x-tenant': 'abc', a: 'b' } })
  await ask('/3', { method: 'POST', body: 'x'.repeat(100_000) })
  expect(server.arrived).toBe(3)
  expect(server.requests).toHaveLength(2)
  expect(JSON.stringify(server.requests)).not.toContain('abc')
  expect(server.requests[0]).toMatchObject({ number: 2, path: '/2?q=1&token=***', headers: { a: 'b' } })
  expect(server.requests[1]).toMatchObject({ method: 'POST', body: 'xxxxxxxxxx', bodyBytes: 100_000 })
})

test('behave() gives it another script, or says what is wrong and changes nothing', async () => {
  await using server = await faultServer({ otherwise: { status: 500 } })
  expect(() => server.behave({ script: [{ status: 99 }] })).toThrow(ConfigError)
  expect((await fetch(server.origin)).status).toBe(500)
  server.behave({ script: [{ status: 201 }] })
  expect([(await fetch(server.origin)).status, (await fetch(server.origin)).status]).toEqual([201, 200])
})

test('wrong options are told by name', async () => {
  const wrong = { scritp: [] } as object
  await expect(faultServer(wrong)).rejects.toThrow('did you mean script?')
  const all = faultServer({
    script: [{ status: 20 }],
    rules: [{ path: '/?a', answer: {} }],
    otherwise: { delay: -1 },
  })
  const { problems } = (await failureOf(all)) as ConfigError
  expect(problems.map(({ variable }) => variable)).toEqual([
    'rules[0].path',
    'script[0].status',
    'otherwise.delay',
  ])
  await expect(faultServer({ idleTimeout: 0 })).rejects.toThrow('idleTimeout')
})

test('closing ends what hangs, waits and trickles, and can be done twice', async () => {
  const server = await faultServer({
    script: [{ fault: 'hang' }, { delay: 60_000 }, { fault: 'trickle', every: 60_000 }],
  })
  const asked = [1, 2, 3].map(() => fetch(server.origin).then((response) => response.text()))
  const ends = Promise.allSettled(asked)
  await eventually(() => server.arrived === 3, 'all have arrived')
  await soon(server.close(), 'it closes')
  expect((await soon(ends, 'they end')).map(({ status }) => status)).toEqual([
    'rejected',
    'rejected',
    'rejected',
  ])
  await server.close()
  await sleep(0)
  expect(server.open).toBe(0)
})
