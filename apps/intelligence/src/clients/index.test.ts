import { expect, test } from 'vitest'
import { startUpstreams } from '../upstreams/index.ts'
import { createServiceClients } from './index.ts'
import { startScripted } from './scripted-server.ts'
import { createSearchServiceClient } from './search-service-client.ts'

test('all of them are made together, reach their services, and are closed together', async () => {
  const upstreams = await startUpstreams()
  const url = (name: Parameters<typeof upstreams.get>[0]): string => upstreams.get(name).url
  const clients = createServiceClients({
    urls: { ollama: url('ollama'), langextract: url('langextract'), bridge: url('bridge') },
    env: { WORKFLOW_COORDINATOR_URL: url('coordinator'), OLLAMA_BASE_URL: 'http://nowhere:1' },
  })
  try {
    const { extractor, langextract, freshness, coordinator } = clients
    for (const client of [extractor, langextract, freshness, coordinator]) {
      expect(await client.checkHealth()).toMatchObject({ healthy: true })
    }
    expect(await clients.shared.get(`${url('ollama')}/api/version`).json()).toHaveProperty('version')
  } finally {
    await clients.close()
    await clients.close()
  }
  for (const upstream of upstreams.all) await expect.poll(() => upstream.connections.open).toBe(0)
  await upstreams.close()
})

test('one that cannot be closed does not keep the others open', async () => {
  await using server = await startScripted(() => ({}))
  const clients = createServiceClients({ urls: { ollama: server.url, bridge: server.url }, env: {} })
  clients.langextract.close = () => Promise.reject(new Error('stuck'))
  const failure = await clients.close().catch((error: unknown) => error)
  expect(failure).toBeInstanceOf(AggregateError)
  expect((failure as AggregateError).errors).toMatchObject([{ message: expect.stringContaining('stuck') }])
  await expect(clients.extractor.version()).rejects.toMatchObject({ code: 'closed' })
  await expect(clients.shared.get(server.url).text()).rejects.toMatchObject({ code: 'closed' })
  await clients.langextract.http.close()
})

test('the shared client is configured by its own variables, then the common ones, then the defaults', async () => {
  await using server = await startScripted(() => ({ status: 503 }))
  const env = {
    HTTP_CLIENT_MAX_RETRIES: '0',
    SEARCH_SERVICE_HTTP_CLIENT_MAX_RETRIES: '1',
    HTTP_CLIENT_RETRY_BACKOFF_BASE: '1ms',
  }
  await using client = createSearchServiceClient({ env })
  await expect(client.get(server.url).json()).rejects.toThrow('503')
  expect(server.asked).toHaveLength(2)
})

test('the timeout that is given is the total, whatever the environment says', async () => {
  await using server = await startScripted(() => ({ after: 5_000 }))
  const env = { SEARCH_SERVICE_HTTP_CLIENT_DEFAULT_TIMEOUT: '60' }
  await using client = createSearchServiceClient({ timeout: 40, env })
  await expect(client.get(server.url).json()).rejects.toMatchObject({ code: 'deadline' })
})

test('a variable that cannot be used is named', () => {
  const env = { SEARCH_SERVICE_HTTP_CLIENT_MAX_CONNECTIONS: 'many' }
  expect(() => createSearchServiceClient({ env })).toThrow('SEARCH_SERVICE_HTTP_CLIENT_MAX_CONNECTIONS')
})
