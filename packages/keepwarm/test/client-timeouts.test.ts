/**
 * Each limit of a call, over real sockets: which one it was, its value, its option, and what the call had come to. When a
 * limit strikes to the millisecond is held with time by hand, in exchange-time.test.ts.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { HttpClient } from '../src/client/http-client.ts'
import type { CallOptions } from '../src/client/options.ts'
import { ConfigError, KeepwarmError } from '../src/errors.ts'
import { ConnectionPool } from '../src/pool/pool.ts'
import { ExchangeBench } from './support/client-exchange-bench.ts'
import { clientOf, failureOf } from './support/client-tools.ts'
import { startHttp, startRaw } from './support/servers.ts'

const once = { retry: false } as const
/** Numbers that a busy machine may change. */
const ms = '\\d+(\\.\\d)? m?s'

describe('the sentence says which limit it was, its value and its option, and what came before', () => {
  test('acquireTimeout', async () => {
    await using server = await startHttp(({ url }, response) => void (url === '/dialed' && response.end()))
    await using client = clientOf(server, { maxConnections: 1, acquireTimeout: 60, ...once })
    await client.get('/dialed', { acquireTimeout: 5_000 }).text()
    const first = failureOf(client.get('/', { timeout: 500 }).text())
    const error = await failureOf(client.get('/p').text())
    expect(error).toMatchObject({ code: 'acquire_timeout', phase: 'wait', sent: 'no' })
    expect(error.message).toContain('within 60 ms (acquireTimeout): 1 of 1 connections in use, 0 waiting')
    expect(error.timings!.queued).toBeGreaterThanOrEqual(59)
    await first
  })

  test('connectTimeout', async () => {
    const connect = (): void => {} // never calls back
    await using client = new HttpClient({ connect: connect as never, connectTimeout: 60, ...once })
    const error = await failureOf(client.get('http://127.0.0.1:9/').text())
    expect(error).toMatchObject({ code: 'connect', phase: 'connect', sent: 'no' })
    expect(error.message).toMatch(/within 60 ms .*connectTimeout/)
    expect(error.timings!.queued).toBeGreaterThanOrEqual(59)
  })

  test('writeTimeout', async () => {
    await using server = await startRaw((socket) => socket.pause())
    await using client = new HttpClient({ baseUrl: server.origin.replace('https', 'http'), ...once })
    const body = async function* (): AsyncGenerator<string> {
      yield 'x'
      await sleep(2_000, undefined, { ref: false })
    }
    const error = await failureOf(client.post('/', { body: body(), writeTimeout: 60 }).text())
    expect(error).toMatchObject({ code: 'attempt_timeout', phase: 'send' })
    expect(error.message).toMatch(
      new RegExp(
        `no progress in sending within 60 ms \\(writeTimeout\\); waited ${ms}, connected in ${ms}, sending for ${ms}`,
      ),
    )
  })

  test('headersTimeout', async () => {
    await using server = await startHttp(() => {})
    await using client = clientOf(server, once)
    const error = await failureOf(client.get('/', { headersTimeout: 60 }).text())
    expect(error).toMatchObject({ code: 'attempt_timeout', phase: 'headers' })
    expect(error.message).toMatch(
      new RegExp(
        `failed after ${ms}: no response headers within 60 ms \\(headersTimeout\\); waited ${ms}, connected in ${ms}, sent in ${ms}, no headers for ${ms}`,
      ),
    )
  })

  test('bodyIdleTimeout', async () => {
    await using server = await startHttp((_incoming, response) => void response.write('x'))
    await using client = clientOf(server, once)
    const error = await failureOf(client.get('/', { bodyIdleTimeout: 60 }).text())
    expect(error).toMatchObject({ code: 'attempt_timeout', phase: 'body' })
    expect(error.message).toMatch(
      new RegExp(`within 60 ms \\(bodyIdleTimeout\\); waited .*, headers after ${ms}, in the body for ${ms}`),
    )
  })

  test('attemptTimeout, of the last of three attempts', async () => {
    await using server = await startHttp(() => {})
    await using client = clientOf(server)
    const error = await failureOf(client.get('/', { attemptTimeout: 40 }).text())
    expect(error.message).toMatch(
      new RegExp(
        `failed on attempt 3 after ${ms}: the attempt did not finish within 40 ms \\(attemptTimeout\\), .*; ${ms} before this attempt, waited`,
      ),
    )
    expect(error.timings!.before).toBeGreaterThanOrEqual(79)
  })

  test('timeout', async () => {
    await using server = await startHttp(() => {})
    await using client = clientOf(server, once)
    const error = await failureOf(client.get('/', { timeout: 60 }).text())
    expect(error).toMatchObject({ code: 'deadline', phase: 'headers' })
    expect(error.message).toMatch(
      new RegExp(
        `within 60 ms \\(timeout\\), it ended before the response; waited ${ms}, .*no headers for ${ms}`,
      ),
    )
    expect(error.timings!.total).toBeGreaterThanOrEqual(59)
  })

  test('timeout, between two attempts: there is nothing that it was in the middle of', async () => {
    await using server = await startHttp((_incoming, response) => void response.writeHead(503).end())
    await using client = clientOf(server, { retry: { base: 5_000, jitter: 0 } })
    const error = await failureOf(client.get('/', { timeout: 60 }).text())
    expect(error.message).not.toContain('no headers')
  })
})

test('to the millisecond, and with all that went before', () => {
  const bench = new ExchangeBench({ headersTimeout: 500, retry: false })
  const heard = bench.call()
  bench.advance(3)
  bench.last.wire()
  bench.advance(2)
  bench.last.handler.onRequestSent?.()
  bench.advance(499)
  expect(heard.told).toBe(0)
  bench.advance(1)
  expect(heard.error!.message).toContain('waited 3 ms, sent in 2 ms, no headers for 500 ms')
  expect(heard.error!.timings).toEqual({ before: 0, queued: 3, send: 2, headers: 500, total: 505 })
})

test('what lost its connection before it was written waits again', () => {
  const bench = new ExchangeBench({ attemptTimeout: 500, retry: false })
  const heard = bench.call()
  bench.advance(3)
  bench.last.wire()
  bench.last.handler.onBack?.()
  bench.last.sent = false
  bench.advance(497)
  expect(heard.error!.timings).toEqual({ before: 0, queued: 500, total: 500 })
})

test('a call that ends in the pause before a retry: the times are those of its last attempt', () => {
  const bench = new ExchangeBench({ timeout: 5_000, retry: { base: 650, jitter: 0 } })
  const heard = bench.call()
  bench.last.write()
  bench.advance(20)
  bench.last.headers(502)
  bench.last.end()
  bench.advance(590)
  heard.controller!.abort(new Error('left'))
  expect(bench.outcomes[0]).toMatchObject({
    error: {
      code: 'aborted',
      timings: { before: 0, queued: 0, send: 0, headers: 20, download: 0, total: 610 },
    },
  })
})

test('the pool gives up in the moment in which the attempt is over: its limit is named, with the numbers of the pool', () => {
  const bench = new ExchangeBench({ attemptTimeout: 700, retry: false })
  const heard = bench.call()
  bench.advance(690)
  bench.runtime.late = 20
  bench.last.fail(new KeepwarmError('acquire_timeout', '20 of 20 in use', { phase: 'wait' }))
  expect(heard.error).toMatchObject({ code: 'attempt_timeout', phase: 'wait', sent: 'no' })
  expect(heard.error!.message).toMatch(
    /within 700 ms \(attemptTimeout\), .*: 20 of 20 in use; waited 710 ms for a connection/,
  )
})

test("the limit of a breaker's probe has its own name", () => {
  const breaker = { minimumCompletions: 1, openFor: 1_000, probeTimeout: 200 }
  const bench = new ExchangeBench({ breaker, retry: false })
  bench.call()
  bench.last.answer(500)
  bench.advance(1_500)
  const probe = bench.call()
  bench.last.write()
  bench.advance(200)
  expect(probe.error!.message).toContain('within 200 ms (breaker.probeTimeout)')
})

describe('what a call says of the wait for a connection', () => {
  test('holds for it alone, whether it is less or more than the client says', async () => {
    await using server = await startHttp(
      (_incoming, response) => void setTimeout(() => response.end('ok'), 150),
    )
    await using client = clientOf(server, { maxConnections: 1, acquireTimeout: 50, ...once })
    const first = client.get('/').text()
    const patient = client.get('/', { acquireTimeout: 2_000 }).text()
    const hasty = failureOf(client.get('/', { acquireTimeout: 20 }).text())
    const usual = failureOf(client.get('/').text())
    expect((await hasty).message).toContain('within 20 ms (acquireTimeout)')
    expect((await usual).message).toContain('within 50 ms (acquireTimeout)')
    expect(await Promise.all([first, patient])).toEqual(['ok', 'ok'])
  })

  test('0: now or never, where somebody else has the connection', async () => {
    await using server = await startHttp(
      (_incoming, response) => void setTimeout(() => response.end('ok'), 50),
    )
    await using client = clientOf(server, { maxConnections: 1, ...once })
    const first = client.get('/').text()
    const error = await failureOf(client.get('/', { acquireTimeout: 0 }).text())
    expect(error.code).toBe('acquire_timeout')
    await first
    await sleep(20)
    expect(await client.get('/', { acquireTimeout: 0 }).text()).toBe('ok')
  })

  test('a client of a shared pool may say it for its own calls', async () => {
    await using server = await startHttp(() => {})
    await using pool = new ConnectionPool({ maxConnections: 1 })
    const client = clientOf(server, { pool, acquireTimeout: 40, ...once })
    const first = failureOf(client.get('/', { timeout: 200 }).text())
    expect((await failureOf(client.get('/').text())).message).toContain('within 40 ms (acquireTimeout)')
    await first
    expect(() => new HttpClient({ pool, acquireTimeout: -1 })).toThrow(/acquireTimeout = -1/)
  })

  test('a shorter timeout of the call or the attempt wins, under its own name', async () => {
    await using server = await startHttp(() => {})
    await using client = clientOf(server, { maxConnections: 1, ...once })
    const first = failureOf(client.get('/', { timeout: 300 }).text())
    const calls = [{ timeout: 40 }, { attemptTimeout: 40 }] as const
    const errors = await Promise.all(
      calls.map((limit) => failureOf(client.get('/', { acquireTimeout: 5_000, ...limit }).text())),
    )
    expect(errors.map(({ code }) => code)).toEqual(['deadline', 'attempt_timeout'])
    expect(errors[0]!.message).not.toContain('(acquireTimeout)')
    expect(errors[1]!.message).toMatch(/\(attemptTimeout\), .*; waited \d+ ms for a connection/)
    await first
  })
})

test.each([-1, NaN, '5s'])('acquireTimeout: %s is refused', async (acquireTimeout) => {
  await using client = new HttpClient({ baseUrl: 'http://127.0.0.1:9' })
  const error = await failureOf(client.get('/', { acquireTimeout } as CallOptions).text())
  expect(error).toBeInstanceOf(ConfigError)
  expect(error.message).toContain('acquireTimeout')
})

test('connectTimeout of a call is refused, with the reason and what to use instead', async () => {
  await using client = new HttpClient({ baseUrl: 'http://127.0.0.1:9' })
  const error = await failureOf(client.get('/', { connectTimeout: 1_000 } as CallOptions).text())
  expect(error).toBeInstanceOf(ConfigError)
  expect(error.message).toMatch(/a dial serves whoever waits.*\n.*acquireTimeout/)
})
