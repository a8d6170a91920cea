/** A client ends what it began, and only that. */
import { buildConnector, Client, Dispatcher } from 'undici'
import { expect, test, vi } from 'vitest'
import { HttpClient } from '../src/client/http-client.ts'
import { ConnectionPool } from '../src/pool/pool.ts'
import { clientOf, failureOf } from './support/client-tools.ts'
import { listen } from './support/handlers.ts'
import { startHttp } from './support/servers.ts'
import { eventually, sleep, soon } from './support/wait.ts'

test('close() waits for calls under way, their retries included, and takes no new ones', async () => {
  let answered = 0
  await using server = await startHttp((_request, response) => {
    response.statusCode = ++answered < 3 ? 503 : 200
    setTimeout(() => response.end(String(answered)), 20)
  })
  const client = clientOf(server)
  const call = client.get('/').text()
  await eventually(() => answered === 1, 'the call is under way')
  const closed = client.close()
  const refused = await failureOf(client.get('/').text())
  expect(refused).toMatchObject({ code: 'closed', phase: 'admit', sent: 'no' })
  expect(refused.message).toContain(`the client "${client.name}" is closed`)
  expect(await call).toBe('3')
  await closed
  await eventually(() => server.open === 0, 'its connections are closed')
  await client.close() // again is allowed
  await client.destroy()
})

test('warm() connects to the base URL, or to the origin given, and the calls that follow open nothing', async () => {
  await using server = await startHttp()
  await using client = clientOf(server)
  expect(await client.warm(3)).toBe(3)
  await Promise.all([1, 2, 3].map(() => client.get('/').text()))
  expect(client.pool.counters.opened).toBe(3)
  expect(server.peak).toBe(3)
  await using homeless = new HttpClient()
  expect(await homeless.warm(2, server.origin)).toBe(2)
  expect(await failureOf(homeless.warm(2))).toMatchObject({ code: 'config' })
})

test('close({ timeout }) ends what is left then', async () => {
  await using server = await startHttp(() => {})
  const client = clientOf(server)
  const call = failureOf(client.get('/').text())
  await eventually(() => server.requests === 1, 'the call is under way')
  await soon(client.close({ timeout: 50 }), 'closing is bounded')
  const error = await call
  expect(error).toMatchObject({ code: 'closed', phase: 'headers', sent: 'maybe' })
  expect(error.message).toContain('still busy 50 ms after close()')
  await eventually(() => server.open === 0, 'its connections are closed')
})

test('close({ timeout }) ends a call that waits for its next attempt', async () => {
  await using server = await startHttp((_request, response) => {
    response.writeHead(503, { 'retry-after': '20' }).end()
  })
  const client = clientOf(server, { timeout: 60_000 })
  const call = failureOf(client.get('/').text())
  await eventually(() => server.requests === 1, 'the first attempt')
  await soon(client.close({ timeout: 50 }), 'closing is bounded')
  const error = await call
  expect(error).toMatchObject({ code: 'closed', sent: 'maybe', attempts: [{ ending: 503 }] })
  expect(error.message).toContain('between two attempts')
})

test('destroy() ends everything at once: running, waiting, and between attempts', async () => {
  await using server = await startHttp((request, response) => {
    if (request.url === '/busy') response.writeHead(503, { 'retry-after': '20' }).end()
  })
  const client = clientOf(server, { maxConnections: 1, timeout: 60_000 })
  const between = failureOf(client.get('/busy').text())
  await eventually(() => client.pool.snapshot().idle === 1, 'the first one is between attempts')
  const running = failureOf(client.get('/').text())
  const waiting = failureOf(client.get('/').text())
  const reason = new Error('shutting down')
  await soon(client.destroy(reason), 'destroy() does not wait')
  for (const call of [running, waiting, between]) expect(await call).toBe(reason)
  expect(client.getMetrics()).toMatchObject({ total_requests: 3, failed_requests: 3 })
  await eventually(() => server.open === 0, 'its connections are closed')
})

test('destroy() without a reason, and with a callback', async () => {
  await using server = await startHttp(() => {})
  const client = clientOf(server)
  const call = failureOf(client.get('/').text())
  await new Promise<void>((done) => client.destroy(done))
  expect(await call).toMatchObject({ code: 'closed', cause: { message: 'the client was destroyed' } })
  const other = clientOf(server)
  await new Promise<void>((done) => other.close(done))
})

test('two clients share a pool: closing or destroying one leaves the other and the pool as they were', async () => {
  await using server = await startHttp((request, response) => {
    if (request.url !== '/never') setTimeout(() => response.end('hello'), 30)
  })
  await using pool = new ConnectionPool()
  const [one, two, three] = [
    clientOf(server, { pool }),
    clientOf(server, { pool }),
    clientOf(server, { pool }),
  ]
  const slow = two.get('/').text()
  await one.get('/').text()
  await one.close()
  const stuck = failureOf(one.get('/').text())
  expect(await stuck).toMatchObject({ code: 'closed' })
  const never = failureOf(three.get('/never').text())
  await eventually(() => server.requests === 3, 'the third client is busy')
  await soon(three.close({ timeout: 20 }), 'closing is bounded')
  expect(await never).toMatchObject({ code: 'closed' })
  expect(await slow).toBe('hello')
  const four = clientOf(server, { pool })
  const ended = failureOf(four.get('/never').text())
  await eventually(() => server.requests === 4, 'the fourth client is busy')
  await soon(four.destroy(), 'destroy() ends the calls of its client')
  expect(await ended).toMatchObject({ code: 'closed' })
  expect(await two.get('/').text()).toBe('hello')
  expect(pool.closed).toBe(false)
  await two.close()
})

test('clients that share a pool keep breakers, budgets and figures to themselves', async () => {
  await using server = await startHttp((_request, response) => void response.writeHead(500).end())
  await using pool = new ConnectionPool()
  const [one, two] = [
    clientOf(server, { pool }),
    clientOf(server, { pool, breaker: { minimumCompletions: 1 } }),
  ]
  await failureOf(two.get('/', { retry: false }).text())
  expect(await failureOf(two.get('/').text())).toMatchObject({ code: 'breaker_open' })
  expect(await failureOf(one.get('/').text())).toMatchObject({ code: 'status' })
  expect(one.getMetrics()).toMatchObject({ total_attempts: 3, circuit_breaker_state: 'closed' })
  expect(two.getMetrics()).toMatchObject({ total_attempts: 1, circuit_breaker_state: 'open' })
})

test('each origin has its own breaker', async () => {
  await using bad = await startHttp((_request, response) => void response.writeHead(500).end())
  await using good = await startHttp()
  await using client = new HttpClient({ retry: false, breaker: { minimumCompletions: 1 } })
  await failureOf(client.get(bad.origin).text())
  expect(await failureOf(client.get(bad.origin).text())).toMatchObject({ code: 'breaker_open' })
  expect(await client.get(good.origin).text()).toBe('hello')
  expect(client.getMetrics()).toMatchObject({ circuit_breaker_state: 'open', is_healthy: false })
  // One origin is one origin, however it is given.
  expect(await listen(client, { origin: new URL(bad.origin), path: '/', method: 'GET' }).done).toMatchObject({
    error: { code: 'breaker_open' },
  })
})

test('limits longer than a timer can count are limits, not none at all', async () => {
  await using server = await startHttp(
    (_request, response) => void setTimeout(() => response.end('hello'), 30),
  )
  const dial = buildConnector({})
  const connect: buildConnector.connector = (target, callback) =>
    void setTimeout(() => dial(target, callback), 20)
  const limits = { timeout: 1e12, acquireTimeout: 1e12, connectTimeout: 1e12, bodyIdleTimeout: 1e12 }
  await using client = clientOf(server, { ...limits, connect })
  const warned = vi.fn()
  process.on('warning', warned)
  expect(await client.get('/').text()).toBe('hello')
  await sleep(0)
  process.off('warning', warned)
  expect(warned).not.toHaveBeenCalled()
})

test('`await using` closes', async () => {
  await using server = await startHttp()
  {
    await using client = clientOf(server)
    await client.get('/').text()
  }
  await eventually(() => server.open === 0, 'its connections are closed')
})

test('a client is a Dispatcher and no undici Client', () => {
  const client = new HttpClient()
  expect(client).toBeInstanceOf(Dispatcher)
  expect(client).not.toBeInstanceOf(Client)
})

test('an idle client does not keep the process alive, and one that waits to try again does', async () => {
  await using server = await startHttp((_request, response) => void response.writeHead(503).end())
  const script = `
    const { HttpClient } = await import(${JSON.stringify(new URL('../src/index.ts', import.meta.url).href)})
    const client = new HttpClient({ baseUrl: ${JSON.stringify(server.origin)}, retry: { base: 200 } })
    client.get('/').text().catch((error) => console.log(error.attempts.length))
  `
  const { execFile } = await import('node:child_process')
  const args = ['--conditions=keepwarm-source', '--input-type=module', '-e', script]
  const output = await new Promise<string>((resolve, reject) =>
    execFile(process.execPath, args, { timeout: 10_000 }, (error, stdout) =>
      error === null ? resolve(stdout) : reject(error),
    ),
  )
  expect(output.trim()).toBe('3') // it lived for all attempts, and ended by itself
  await sleep(0)
})
