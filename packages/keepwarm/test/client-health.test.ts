/** A health check reads what the service says of itself, never rejects, and is no part of the traffic. */
import { expect, test } from 'vitest'
import { HttpClient } from '../src/client/http-client.ts'
import { clientOf, failureOf } from './support/client-tools.ts'
import { startHttp } from './support/servers.ts'

test.each([
  [200, '{"status":"healthy"}', true, 'healthy'],
  [200, '{"status":"degraded"}', true, 'degraded'],
  [200, '{"status":"unhealthy"}', false, 'unhealthy'],
  [200, 'OK', true, undefined],
  [200, '{"status":7}', true, undefined],
  [204, '', true, undefined],
  [500, '{"status":"healthy"}', false, 'healthy'],
  [404, '', false, undefined],
])('%d %s: healthy is %s', async (code, body, healthy, status) => {
  await using server = await startHttp((_request, response) => void response.writeHead(code).end(body))
  await using client = clientOf(server)
  const health = await client.checkHealth()
  expect(health).toMatchObject({ healthy, status_code: code })
  expect(health.status).toBe(status)
  expect(health.response_time_ms).toBeGreaterThan(0)
  expect(new Date(health.last_check).toISOString()).toBe(health.last_check)
  expect(client.getMetrics()).toMatchObject({ is_healthy: healthy, total_requests: 0, total_attempts: 0 })
  expect(server.requests).toBe(1)
})

test('a service that is not there, and one that hangs', async () => {
  await using server = await startHttp(() => {})
  await using dead = new HttpClient({ baseUrl: 'http://127.0.0.1:1' })
  const gone = await dead.checkHealth()
  expect(gone).toMatchObject({ healthy: false, error: expect.stringContaining('ECONNREFUSED') as string })
  expect(gone).not.toHaveProperty('status_code')
  await using client = clientOf(server, { timeout: 60_000 })
  const hung = await client.checkHealth()
  expect(hung).toMatchObject({ healthy: false, error: expect.stringContaining('within 2 s') as string })
  expect(hung.response_time_ms).toBeLessThan(3_000)
})

test('it asks the path that it was told, past an open breaker, and does not move it', async () => {
  let well = false
  await using server = await startHttp((request, response) => {
    response.writeHead(request.url === '/status?deep=1' || well ? 200 : 500).end()
  })
  await using client = clientOf(server, {
    healthPath: '/status?deep=1',
    retry: false,
    breaker: { minimumCompletions: 1, openFor: 60_000, maxOpenFor: 60_000 },
  })
  await failureOf(client.get('/').text())
  expect(client.getMetrics().circuit_breaker_state).toBe('open')
  expect(await client.checkHealth()).toMatchObject({ healthy: true })
  well = true
  expect(await client.checkHealth()).toMatchObject({ healthy: true })
  expect(client.getMetrics()).toMatchObject({ circuit_breaker_state: 'open', is_healthy: false })
})

test('a closed client says so', async () => {
  await using server = await startHttp()
  const client = clientOf(server)
  await client.close()
  expect(await client.checkHealth()).toMatchObject({
    healthy: false,
    error: expect.stringContaining('closed') as string,
  })
})
