/** Each client is configured by variables of its own. */
import { expect, test } from 'vitest'
import {
  ClientLangextractHttp,
  EnhancedEntityExtractor,
  FreshnessDatabase,
  WorkflowCoordinatorClient,
  type ServiceClientOptions,
} from './index.ts'
import { startScripted } from './scripted-server.ts'

type Env = Readonly<Record<string, string>>

const kinds = [
  ['ENTITY_EXTRACTOR', (options: ServiceClientOptions) => new EnhancedEntityExtractor(options), 20],
  ['LANGEXTRACT', (options: ServiceClientOptions) => new ClientLangextractHttp(options), 20],
  ['FRESHNESS', (options: ServiceClientOptions) => new FreshnessDatabase(options), 10],
  ['WORKFLOW_COORDINATOR', (options: ServiceClientOptions) => new WorkflowCoordinatorClient(options), 20],
] as const

test.each(kinds)(
  '%s_HTTP_CLIENT_… sets what its client is made with, and code counts more',
  async (prefix, make, most) => {
    const limits = (env: Env, options = {}): { maxConnections: number; maxIdleConnections: number } => {
      const { http } = make({ env, ...options })
      const { maxConnections, maxIdleConnections } = http.pool.snapshot()
      void http.close()
      return { maxConnections, maxIdleConnections }
    }
    expect(limits({})).toEqual({ maxConnections: most, maxIdleConnections: 5 })
    const variables = {
      [`${prefix}_HTTP_CLIENT_MAX_CONNECTIONS`]: '7',
      HTTP_CLIENT_MAX_CONNECTIONS: '33',
      HTTP_CLIENT_MAX_KEEPALIVE_CONNECTIONS: '6',
    }
    expect(limits(variables)).toEqual({ maxConnections: 7, maxIdleConnections: 6 })
    expect(limits(variables, { maxConnections: 9 })).toMatchObject({ maxConnections: 9 })
    const wrong = { [`${prefix}_HTTP_CLIENT_DEFAULT_TIMEOUT`]: '-5' }
    expect(() => make({ env: wrong })).toThrow(`${prefix}_HTTP_CLIENT_DEFAULT_TIMEOUT`)
  },
)

test('read and total timeouts, retries and the base URL come from the variables, too', async () => {
  await using server = await startScripted(({ path }) => (path === '/health' ? {} : { status: 503 }))
  const env = {
    LANGEXTRACT_HTTP_CLIENT_BASE_URL: server.url,
    LANGEXTRACT_HTTP_CLIENT_MAX_RETRIES: '1',
    LANGEXTRACT_HTTP_CLIENT_RETRY_BACKOFF_BASE: '1ms',
  }
  await using langextract = new ClientLangextractHttp({ env })
  await expect(langextract.analyzeSemantic({ content: 'a' })).rejects.toMatchObject({ status: 503 })
  expect(server.asked).toHaveLength(2)
  expect(await langextract.checkHealth()).toMatchObject({ healthy: true, status_code: 200 })
})

test('whoever shares a pool does not configure it', async () => {
  await using server = await startScripted(() => ({}))
  await using owner = new FreshnessDatabase({ baseUrl: server.url, env: {} })
  await using sharer = new ClientLangextractHttp({ baseUrl: server.url, pool: owner.http.pool, env: {} })
  expect(sharer.http.pool).toBe(owner.http.pool)
  expect(owner.http.pool.snapshot().maxConnections).toBe(10)
})
