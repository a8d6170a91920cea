/** What all four clients share, shown on one of them. */
import { ConnectionPool, HttpStatusError, KeepwarmError } from 'keepwarm'
import { expect, test } from 'vitest'
import { ClientLangextractHttp } from './langextract.ts'
import {
  LangextractError,
  LangextractRateLimitError,
  LangextractServerError,
  LangextractTimeoutError,
  LangextractUnavailableError,
  LangextractValidationError,
} from './langextract/errors.ts'
import { startScripted, type Said } from './scripted-server.ts'
import type { ServiceClientOptions } from './service-client.ts'

const nothing = { concepts: [], themes: [], domains: [], patterns: [], language: 'en' }
const ask = { content: 'text' }
const soon = { base: 1, cap: 2 }

function clientOf(url: string, options: ServiceClientOptions = {}): ClientLangextractHttp {
  return new ClientLangextractHttp({ baseUrl: url, retry: soon, ...options })
}

async function failureOf(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    () => expect.unreachable('the call should fail'),
    (error: unknown) => error,
  )
}

test.each([
  [422, LangextractValidationError, 1],
  [429, LangextractRateLimitError, 3],
  [503, LangextractUnavailableError, 3],
  [500, LangextractServerError, 3],
  [501, LangextractServerError, 1],
  [404, LangextractError, 1],
])(
  'status %i keeps its class, its body and its cause, after as many tries as it is worth',
  async (...row) => {
    const [status, expected, tries] = row
    await using server = await startScripted(() => ({ status, body: { detail: 'because' } }))
    await using client = clientOf(server.url)
    const error = await failureOf(client.analyzeSemantic(ask))
    expect(error).toBeInstanceOf(KeepwarmError)
    expect((error as Error).constructor).toBe(expected)
    expect(error).toMatchObject({
      code: 'status',
      status,
      responseData: { detail: 'because' },
      service: 'langextract',
    })
    expect((error as Error).name).toBe(expected.name)
    expect((error as Error).cause).toBeInstanceOf(HttpStatusError)
    expect(server.asked).toHaveLength(tries)
  },
)

test('a 422 names every problem', async () => {
  const detail = [{ loc: ['body', 'min_confidence'], msg: 'too big', type: 'value_error' }]
  await using server = await startScripted(() => ({ status: 422, body: { detail } }))
  await using client = clientOf(server.url)
  const error = await failureOf(client.analyzeSemantic({ ...ask, minConfidence: 7 }))
  expect(error).toMatchObject({ problems: [{ field: 'body.min_confidence', message: 'too big' }] })
})

test('a slow service is a timeout, a dead one is unavailable', async () => {
  await using slow = await startScripted(() => ({ after: 5_000 }))
  await using slowClient = clientOf(slow.url)
  const late = await failureOf(slowClient.analyzeSemantic(ask, { timeout: 50 }))
  expect(late).toBeInstanceOf(LangextractTimeoutError)
  expect(late).toMatchObject({ code: 'deadline' })
  expect(slowClient.getMetrics().timeout_errors).toBe(1)

  const gone = await startScripted(() => ({}))
  await gone[Symbol.asyncDispose]()
  await using deadClient = clientOf(gone.url)
  const dead = await failureOf(deadClient.analyzeSemantic(ask))
  expect(dead).toBeInstanceOf(LangextractUnavailableError)
  expect(dead).toMatchObject({ code: 'connect', sent: 'no' })
})

test('a cancelled call stays an AbortError and is held against nobody', async () => {
  await using server = await startScripted(() => ({ after: 5_000 }))
  await using client = clientOf(server.url)
  const error = await failureOf(client.analyzeSemantic(ask, { signal: AbortSignal.timeout(30) }))
  expect(error).toMatchObject({ name: 'AbortError', code: 'aborted' })
  expect(client.getMetrics()).toMatchObject({ cancelled_requests: 1, failed_requests: 0 })
})

test('answers of 500 open the breaker, and it closes again when the service is back', async () => {
  let well = false
  await using server = await startScripted(() => (well ? { body: nothing } : { status: 500 }))
  const breaker = { minimumCompletions: 5, openFor: 60, maxOpenFor: 60, probes: 2 }
  await using client = clientOf(server.url, { retry: false, breaker })
  for (let call = 0; call < 5; call++) {
    expect(await failureOf(client.analyzeSemantic(ask))).toBeInstanceOf(LangextractServerError)
  }
  expect(client.getMetrics()).toMatchObject({
    circuit_breaker_state: 'open',
    circuit_breaker_opens: 1,
    is_healthy: false,
  })
  const refused = await failureOf(client.analyzeSemantic(ask))
  expect(refused).toBeInstanceOf(LangextractUnavailableError)
  expect(refused).toMatchObject({ code: 'breaker_open' })
  expect(server.asked).toHaveLength(5)

  well = true
  await expect.poll(() => client.analyzeSemantic(ask).catch(() => undefined)).toBeDefined()
  await client.analyzeSemantic(ask)
  expect(client.getMetrics()).toMatchObject({ circuit_breaker_state: 'closed', is_healthy: true })
})

test('a full pool of our own is not held against the service', async () => {
  await using server = await startScripted(() => ({ after: 150, body: nothing }))
  const breaker = { minimumCompletions: 2 }
  await using client = clientOf(server.url, { maxConnections: 1, acquireTimeout: 20, breaker })
  const calls = await Promise.allSettled(Array.from({ length: 6 }, () => client.analyzeSemantic(ask)))
  const failed = calls.flatMap((call) => (call.status === 'rejected' ? [call.reason as unknown] : []))
  expect(failed).toHaveLength(5)
  for (const error of failed) expect(error).toMatchObject({ code: 'acquire_timeout' })
  expect(client.getMetrics().circuit_breaker_state).toBe('closed')
})

test('a 503 is tried again, and the figures tell attempts from calls', async () => {
  await using server = await startScripted((_asked, count) =>
    count < 3 ? { status: 503 } : { body: nothing },
  )
  await using client = clientOf(server.url)
  await client.analyzeSemantic(ask)
  expect(client.getMetrics()).toMatchObject({
    total_requests: 1,
    successful_requests: 1,
    total_attempts: 3,
    retries_attempted: 2,
    retries_by_reason: { status_503: 2 },
    success_rate: 1,
  })
  client.resetMetrics()
  expect(client.getMetrics()).toMatchObject({ total_requests: 0, retries_attempted: 0 })
})

test.each<[string, () => Record<string, string>]>([
  ['in seconds', () => ({ 'retry-after': '1' })],
  ['as a date', () => ({ date: httpDate(Date.now()), 'retry-after': httpDate(Date.now() + 1_000) })],
])('Retry-After %s is waited for', async (_form, headers) => {
  const script = (_asked: unknown, count: number): Said =>
    count === 1 ? { status: 429, headers: headers() } : { body: nothing }
  await using server = await startScripted(script)
  await using client = clientOf(server.url)
  await client.analyzeSemantic(ask)
  const [first, second] = server.asked
  expect(second!.at - first!.at).toBeGreaterThanOrEqual(950)
})

test.each<[string, Record<string, string>, number]>([
  ['seconds', { 'retry-after': '120' }, 120_000],
  [
    'a date',
    { date: 'Sun, 06 Nov 2044 08:49:37 GMT', 'retry-after': 'Sun, 06 Nov 2044 08:51:37 GMT' },
    120_000,
  ],
])('a Retry-After in %s for which there is no time is told', async (_form, headers, wait) => {
  await using server = await startScripted(() => ({ status: 429, headers }))
  await using client = clientOf(server.url)
  const error = await failureOf(client.analyzeSemantic(ask))
  expect(error).toMatchObject({ retryAfter: wait })
  expect(error).toBeInstanceOf(LangextractRateLimitError)
  expect(server.asked).toHaveLength(1)
})

test('health is read from the body, and never rejects', async () => {
  let said: Said = { body: { status: 'healthy' } }
  const server = await startScripted(() => said)
  await using client = clientOf(server.url)
  expect(client.getMetrics().last_health_check).toBeNull()
  const healthy = await client.checkHealth()
  expect(healthy).toMatchObject({ healthy: true, status_code: 200, status: 'healthy' })
  expect(healthy.response_time_ms).toBeGreaterThan(0)
  expect(client.getMetrics().last_health_check).toBe(healthy.last_check)

  said = { body: { status: 'unhealthy' } }
  expect(await client.checkHealth()).toMatchObject({ healthy: false, status_code: 200, status: 'unhealthy' })
  expect(client.getMetrics().is_healthy).toBe(false)

  await server[Symbol.asyncDispose]()
  const gone = await client.checkHealth()
  expect(gone).toMatchObject({ healthy: false })
  expect(gone.error).toMatch(/could not connect|connection was lost/)
})

test('a connection is used again', async () => {
  await using server = await startScripted(() => ({ body: nothing }))
  await using client = clientOf(server.url)
  for (let call = 0; call < 5; call++) await client.analyzeSemantic(ask)
  expect(client.http.pool.snapshot().counters.opened).toBe(1)
})

test('a shared pool carries the calls and stays open when the client is closed', async () => {
  await using server = await startScripted(() => ({ body: nothing }))
  const pool = new ConnectionPool({ maxConnections: 2 })
  try {
    const client = clientOf(server.url, { pool })
    await client.analyzeSemantic(ask)
    await client.close()
    await using other = clientOf(server.url, { pool })
    await other.analyzeSemantic(ask)
    expect(pool.snapshot().counters.opened).toBe(1)
    expect(await failureOf(client.analyzeSemantic(ask))).toMatchObject({ code: 'closed' })
  } finally {
    await pool.close()
  }
})

test('closing waits for calls under way, twice is once', async () => {
  await using server = await startScripted(() => ({ after: 60, body: nothing }))
  const client = clientOf(server.url)
  const call = client.analyzeSemantic(ask)
  await Promise.all([client.close(), client.close()])
  await expect(call).resolves.toBeDefined()
})

function httpDate(at: number): string {
  return new Date(at).toUTCString()
}
