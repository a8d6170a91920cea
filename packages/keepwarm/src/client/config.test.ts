import { expect, test } from 'vitest'
import { ConfigError } from '../errors.ts'
import { ConnectionPool } from '../pool/pool.ts'
import { createDefaultClient, HTTPClientConfig } from './config.ts'
import { createClients } from './named/clients.ts'

test("the original's variables configure the pool of a client", async () => {
  const env = { HTTP_CLIENT_MAX_CONNECTIONS: '50', HTTP_CLIENT_MAX_KEEPALIVE_CONNECTIONS: '10' }
  await using client = createDefaultClient({ baseUrl: 'http://127.0.0.1:1' }, env)
  const { maxConnections, maxIdleConnections, maxConnectionsPerOrigin } = client.pool.snapshot()
  expect([maxConnections, maxIdleConnections, maxConnectionsPerOrigin]).toEqual([50, 10, 50])
})

test('without a base URL one origin cannot take all connections', async () => {
  await using client = createDefaultClient({}, {})
  expect(client.pool.snapshot().maxConnectionsPerOrigin).toBe(20)
})

test('a limit for one origin that somebody gave holds, base URL or not', async () => {
  const env = { HTTP_CLIENT_MAX_CONNECTIONS_PER_ORIGIN: '7' }
  await using client = createDefaultClient({ baseUrl: 'http://127.0.0.1:1' }, env)
  expect(client.pool.snapshot().maxConnectionsPerOrigin).toBe(7)
})

test("a service's own variables count more than the common ones, code most of all", async () => {
  const env = {
    HTTP_CLIENT_MAX_CONNECTIONS: '40',
    SEARCH_SERVICE_HTTP_CLIENT_MAX_CONNECTIONS: '30',
    HTTP_CLIENT_MAX_QUEUE: '9',
  }
  await using clients = createClients({ 'search-service': {}, other: {}, fixed: { maxConnections: 3 } }, env)
  const limits = Object.values(clients).map((client) => client.pool.snapshot().maxConnections)
  expect(limits).toEqual([30, 40, 3])
  expect(clients['search-service'].name).toBe('search-service')
})

test('wrong variables of several clients are reported together, and no client is made', () => {
  const env = { A_HTTP_CLIENT_MAX_CONNECTIONS: 'many', B_HTTP_CLIENT_DEFAULT_TIMEOUT: '30sec' }
  try {
    createClients({ a: {}, b: {} }, env)
    expect.unreachable()
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError)
    expect((error as ConfigError).problems.map(({ variable }) => variable)).toEqual([
      'A_HTTP_CLIENT_MAX_CONNECTIONS',
      'B_HTTP_CLIENT_DEFAULT_TIMEOUT',
    ])
  }
})

test('a configuration in code becomes a client', async () => {
  const config = new HTTPClientConfig({
    maxConnections: 50,
    maxIdleConnections: 10,
    timeout: '15s',
    retries: 2,
  })
  await using client = config.createClient()
  expect(client.pool.snapshot().maxIdleConnections).toBe(10)
  expect(config.toClientOptions()).toMatchObject({ timeout: 15_000, retry: { attempts: 3 } })
})

test("a pool that is shared is not configured by a service's own variables; common ones are for other pools", async () => {
  await using pool = new ConnectionPool({ maxConnections: 9 })
  const read = (name: string): HTTPClientConfig =>
    HTTPClientConfig.fromEnv('SEARCH_HTTP_CLIENT', { [name]: '5' })
  expect(() => read('SEARCH_HTTP_CLIENT_MAX_CONNECTIONS').createClient({ pool })).toThrow(
    /SEARCH_HTTP_CLIENT_MAX_CONNECTIONS = [^]*shares its pool/,
  )
  await using client = read('HTTP_CLIENT_MAX_CONNECTIONS').createClient({ pool })
  expect(client.pool.snapshot().maxConnections).toBe(9)
})

test('what code gives on top counts part by part', async () => {
  const env = { HTTP_CLIENT_RETRY_MAX_BACKOFF: '7s', HTTP_CLIENT_HEDGE_AFTER: '50ms' }
  const config = HTTPClientConfig.fromEnv('HTTP_CLIENT', env)
  expect(config.over({ retry: { attempts: 2 }, hedge: true })).toEqual({
    retry: { attempts: 2, cap: 7_000 },
    hedge: { after: 50 },
  })
})

test('a base URL that comes with the client is known in time', async () => {
  const env = { HTTP_CLIENT_HEALTH_CHECKS: 'on', HTTP_CLIENT_MIN_CONNECTIONS: '2' }
  const config = HTTPClientConfig.fromEnv('A_HTTP_CLIENT', env)
  const withBase = { baseUrl: 'http://127.0.0.1:1' }
  expect(config.withOptions(withBase).over(withBase)).toMatchObject({ healthChecks: true, minConnections: 2 })
  expect(config.withOptions({}).over({})).toEqual({ retry: { attempts: 4 } })
  expect(() => createDefaultClient({}, env)).toThrow('HTTP_CLIENT_MIN_CONNECTIONS = 2')
})
