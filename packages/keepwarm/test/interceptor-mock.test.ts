/** resilience() over undici's MockAgent, which has no connections: what tests of a service use. */
import { fetch, MockAgent, request } from 'undici'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { resilience } from '../src/client/interceptor.ts'
import { ManualRuntime } from '../src/testing/manual-runtime.ts'
import { failureOf } from './support/client-tools.ts'

const origin = 'http://search.test'
let mock: MockAgent

beforeEach(() => {
  mock = new MockAgent()
  mock.disableNetConnect()
})
afterEach(() => mock.close())

test('statuses, then an answer; through request and through fetch', async () => {
  const dispatcher = mock.compose(resilience({ retry: { base: 1 } }))
  for (let i = 0; i < 2; i++) {
    mock.get(origin).intercept({ path: '/' }).reply(503)
    mock.get(origin).intercept({ path: '/' }).reply(200, 'there')
  }
  expect(await (await request(origin, { dispatcher })).body.text()).toBe('there')
  expect(await (await fetch(origin, { dispatcher })).text()).toBe('there')
  mock.assertNoPendingInterceptors()
})

test('a POST with its body, after the server asked to wait', async () => {
  const dispatcher = mock.compose(resilience({ retry: { base: 1 } }))
  const asked = { path: '/', method: 'POST', body: 'x' }
  mock
    .get(origin)
    .intercept(asked)
    .reply(429, '', { headers: { 'retry-after': '0' } })
  mock.get(origin).intercept(asked).reply(200, 'there')
  const headers = { 'idempotency-key': '1' }
  const answer = await request(origin, { dispatcher, method: 'POST', body: 'x', headers })
  expect(await answer.body.text()).toBe('there')
})

test('an error that the mock replies with, and the breaker that it opens', async () => {
  const dispatcher = mock.compose(resilience({ retry: false, breaker: { minimumCompletions: 2 } }))
  const lost = Object.assign(new Error('lost'), { code: 'ECONNRESET' })
  mock.get(origin).intercept({ path: '/' }).replyWithError(lost).times(2)
  for (let i = 0; i < 2; i++)
    expect(await failureOf(request(origin, { dispatcher }))).toHaveProperty('attempts')
  expect(await failureOf(request(origin, { dispatcher }))).toMatchObject({ code: 'breaker_open', sent: 'no' })
})

test('what the mock does not know is a mistake of the test: said as it is, once', async () => {
  const dispatcher = mock.compose(resilience())
  const error = await failureOf(request(`${origin}/unknown`, { dispatcher }))
  expect(error).toMatchObject({ code: 'invalid_request' })
  expect(error.message).toContain('/unknown')
  expect(error.attempts).toHaveLength(1)
})

test('a slow reply, in time that the test moves', async () => {
  const runtime = new ManualRuntime(1)
  const dispatcher = mock.compose(resilience({ runtime, headersTimeout: 500, retry: false, timeout: 60_000 }))
  mock.get(origin).intercept({ path: '/' }).reply(200, 'late').delay(30_000)
  const late = failureOf(request(origin, { dispatcher }))
  runtime.advance(499)
  runtime.advance(2)
  expect(await late).toMatchObject({ code: 'attempt_timeout', phase: 'headers' })
})
