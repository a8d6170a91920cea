/** Every figure means one thing. */
import { expect, test } from 'vitest'
import { clientOf, failureOf } from './support/client-tools.ts'
import { startHttp } from './support/servers.ts'

test('calls, attempts, retries, durations', async () => {
  let answered = 0
  await using server = await startHttp((request, response) => {
    const fails = request.url === '/bad' || (request.url === '/flaky' && ++answered === 1)
    response.statusCode = fails ? 503 : request.url === '/missing' ? 404 : 200
    setTimeout(() => response.end(), 5)
  })
  await using client = clientOf(server)
  await client.get('/good').text()
  await client.get('/flaky').text()
  await failureOf(client.get('/bad').text())
  await failureOf(client.get('/missing').text())
  const metrics = client.getMetrics()
  expect(metrics).toMatchObject({
    total_requests: 4,
    successful_requests: 3, // whoever answers 404 has answered
    failed_requests: 1,
    cancelled_requests: 0,
    total_attempts: 7,
    retries_attempted: 3, // those of the call that failed in the end among them
    retries_by_reason: { status_503: 3 },
    success_rate: 0.75,
    timeout_errors: 0,
    circuit_breaker_state: 'closed',
    is_healthy: true,
  })
  expect(metrics.total_duration_ms).toBeGreaterThan(7 * 4) // every attempt of every call, failed ones too
  expect(metrics.avg_duration_ms).toBeCloseTo(metrics.total_duration_ms / 4)
  expect(metrics.p99_duration_ms).toBeGreaterThanOrEqual(metrics.p50_duration_ms)
  client.resetMetrics()
  expect(client.getMetrics()).toMatchObject({ total_requests: 0, retries_by_reason: {}, success_rate: 1 })
})

test('a breaker that opens once and refuses five times', async () => {
  await using server = await startHttp((_request, response) => void response.writeHead(500).end())
  await using client = clientOf(server, { retry: false })
  for (let call = 0; call < 25; call++) await failureOf(client.get('/').text())
  expect(client.getMetrics()).toMatchObject({
    total_requests: 25,
    total_attempts: 20,
    failed_requests: 25,
    circuit_breaker_opens: 1,
    circuit_breaker_rejections: 5,
    circuit_breaker_state: 'open',
    is_healthy: false,
  })
  expect(server.requests).toBe(20)
})

test('what was never begun is not counted', async () => {
  await using server = await startHttp()
  await using client = clientOf(server)
  await failureOf(client.get('http://elsewhere.test/').text())
  await failureOf(client.get('/', { timeout: -1 }).text())
  expect(client.getMetrics().total_requests).toBe(0)
})
