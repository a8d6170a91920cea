/** What users' tests expect of a client: by vitest's `expect`, and by plain functions. */
import { fetch } from 'undici'
import { expect, test } from 'vitest'
import { HttpClient } from '../src/client/http-client.ts'
import type { HttpClientOptions } from '../src/client/options.ts'
import { KeepwarmError } from '../src/errors.ts'
import { ConnectionPool } from '../src/pool/pool.ts'
import {
  assertFailsWith,
  assertNoLeaks,
  assertOpenBreaker,
  assertOpenedAtMost,
  assertRetried,
} from '../src/testing/assertions.ts'
import { faultServer, type FaultServer } from '../src/testing/fault-server.ts'
import { keepwarmMatchers, type KeepwarmMatchers } from '../src/testing/matchers.ts'
import { eventually } from './support/wait.ts'

declare module 'vitest' {
  interface Matchers<R, T> extends KeepwarmMatchers<R> {}
}

expect.extend(keepwarmMatchers)

function clientOf(server: FaultServer, options: HttpClientOptions = {}): HttpClient {
  return new HttpClient({ baseUrl: server.origin, name: 'orders', retry: { base: 1 }, ...options })
}

test('retries: none, some, and how many', async () => {
  await using server = await faultServer({ script: [{}, { status: 503 }, { status: 503 }] })
  await using client = clientOf(server)
  await client.get('/').json()
  expect(client).not.toHaveRetried()
  expect(client).toHaveRetried(0)
  expect(() => expect(client).toHaveRetried()).toThrow(
    'the client "orders" was to have retried; it made 0 retries',
  )
  await client.get('/').json()
  expect(client).toHaveRetried()
  expect(client).toHaveRetried(2)
  assertRetried(client, 2)
  const text = 'the client "orders" was to have made 1 retry; it made 2 retries'
  expect(() => expect(client).toHaveRetried(1)).toThrow(text)
  expect(() => assertRetried(client, 1)).toThrow(text)
  expect(() => expect(client).not.toHaveRetried(2)).toThrow('this was not to be so')
})

test('breakers: of an origin, of any, of one that is closed, and of none', async () => {
  await using server = await faultServer({ otherwise: { status: 500 } })
  await using client = clientOf(server, {
    retry: false,
    breaker: { minimumCompletions: 3 },
  })
  const { origin } = server
  expect(() => expect(client).toHaveOpenBreaker()).toThrow('there are none, for nothing was called')
  await expect(client.get('/').json()).toFailWith('status')
  expect(client).not.toHaveOpenBreaker(origin)
  expect(() => assertOpenBreaker(client, origin)).toThrow(
    `its breaker of ${origin} was to be open; ${origin} is closed after 1 call`,
  )
  for (let count = 0; count < 2; count++) await expect(client.get('/').json()).toFailWith('status')
  expect(client).toHaveOpenBreaker(`${origin}/any/path`)
  expect(client).toHaveOpenBreaker()
  assertOpenBreaker(client)
  expect(client).not.toHaveOpenBreaker('http://elsewhere')
  expect(() => expect(client).toHaveOpenBreaker('http://elsewhere')).toThrow(`${origin} is open`)
})

test('leaks: a body that nobody reads, somebody who waits, and nothing any more', async () => {
  await using server = await faultServer({ otherwise: { body: 'x'.repeat(1_000_000) } })
  const client = clientOf(server, { maxConnectionsPerOrigin: 1 })
  expect(client).toHaveNoLeaks()
  const unread = await client.get('/unread?token=1')
  const waits = client.get('/waits').text()
  expect(client).not.toHaveNoLeaks()
  const text = new RegExp(
    'nothing was to be left under way; 2 calls of the client "orders" under way; ' +
      `1 request to ${server.origin} on a connection: GET /unread \\(body, for \\d+ ms.*\\); ` +
      `1 request waiting for a connection to ${server.origin}`,
  )
  expect(() => assertNoLeaks(client)).toThrow(text)
  expect(() => expect(client).toHaveNoLeaks()).toThrow(text)
  expect(() => assertNoLeaks(client.pool)).toThrow('1 request waiting')
  await unread.text()
  await waits
  assertNoLeaks(client)
  expect(client.pool).toHaveNoLeaks()
  await client.close()
})

test('leaks: a call that waits between two attempts', async () => {
  await using server = await faultServer({ script: [{ retryAfter: 1 }] })
  await using client = clientOf(server)
  const call = client.get('/').json()
  await eventually(() => client.pool.snapshot().inFlight === 0 && server.arrived === 1, 'it pauses')
  expect(client.pool).toHaveNoLeaks()
  expect(() => assertNoLeaks(client)).toThrow('1 call of the client "orders" under way')
  await call
  assertNoLeaks(client)
})

test('connections: how many were opened', async () => {
  await using server = await faultServer()
  await using client = clientOf(server)
  for (let count = 0; count < 3; count++) await client.get('/').json()
  expect(client).toHaveOpenedAtMost(1)
  assertOpenedAtMost(client.pool, 1)
  await Promise.all([client.get('/').json(), client.get('/').json()])
  expect(() => expect(client).toHaveOpenedAtMost(1)).toThrow('at most 1 connection were to be opened; 2 were')
  expect(client.pool).not.toHaveOpenedAtMost(1)
})

test('failures: by code, phase, sent and attempts, and through what fetch wraps', async () => {
  await using server = await faultServer({ otherwise: { fault: 'reset' } })
  await using client = clientOf(server)
  const call = (): Promise<unknown> => client.post('/', { json: 1 }).json()
  await expect(call()).toFailWith('reset')
  await expect(call()).toFailWith('reset', { phase: 'headers', sent: 'maybe', attempts: 1 })
  await expect(fetch(server.origin, { dispatcher: client })).toFailWith('reset', { attempts: 3 })
  await expect(call()).not.toFailWith('deadline')
  for (const facts of [{ phase: 'body' }, { sent: 'no' }, { attempts: 2 }] as const) {
    await expect(call()).not.toFailWith('reset', facts)
    await expect(assertFailsWith(call(), 'reset', facts)).rejects.toThrow(
      /^it was to fail with reset, .*; it failed with reset, phase headers, sent maybe, 1 attempt: /,
    )
  }
  const error = await assertFailsWith(call(), 'reset')
  expect(error).toBeInstanceOf(KeepwarmError)
  await expect(error).toFailWith('reset')
})

test('failures: what succeeds, and what fails otherwise', async () => {
  await expect(assertFailsWith(Promise.resolve(1), 'reset')).rejects.toThrow(
    'it was to fail with reset; it succeeded',
  )
  const other = Promise.reject(new RangeError('too far'))
  await expect(assertFailsWith(other, 'reset')).rejects.toThrow('it failed otherwise: RangeError: too far')
  await expect(Promise.resolve(1)).not.toFailWith('reset')
})

test('what is no client says what it is', async () => {
  await using pool = new ConnectionPool()
  assertNoLeaks(pool)
  expect(() => expect(pool).toHaveRetried()).toThrow(
    'what is looked at is a ConnectionPool; give it an HttpClient',
  )
  expect(() => expect(undefined).toHaveNoLeaks()).toThrow('what is looked at is undefined')
  expect(() => expect({}).not.toHaveOpenedAtMost(1)).toThrow('give it an HttpClient or a ConnectionPool')
})
