/** In whose asynchronous context things are done: what traces hang on. */
import { AsyncLocalStorage } from 'node:async_hooks'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { ConnectionPool } from 'keepwarm'
import { expect, test } from 'vitest'
import { listen } from './support/handlers.ts'
import { startHttp } from './support/servers.ts'
import { soon } from './support/wait.ts'

const storage = new AsyncLocalStorage<string>()

/** "path context" of every request that undici says it creates meanwhile. */
async function created(meanwhile: () => Promise<unknown>): Promise<string[]> {
  const seen: string[] = []
  const hear = (message: unknown): void => {
    const { request } = message as { request: { path: string } }
    seen.push(`${request.path} ${storage.getStore()}`)
  }
  subscribe('undici:request:create', hear)
  try {
    await soon(meanwhile(), 'all')
  } finally {
    unsubscribe('undici:request:create', hear)
  }
  return seen
}

test('what undici publishes of a request that waited is published in the context of its caller', async () => {
  await using server = await startHttp()
  await using pool = new ConnectionPool({ maxConnections: 1 })
  const seen = await created(() => {
    const ask = (path: string): Promise<unknown> =>
      storage.run(path, () => listen(pool, { origin: server.origin, method: 'GET', path }).done)
    return Promise.all(['/1', '/2', '/3'].map(ask))
  })
  expect(seen).toEqual(['/1 /1', '/2 /2', '/3 /3'])
})

test('so it is of a request that is made while the pool tells somebody else of a refusal', async () => {
  await using server = await startHttp()
  await using pool = new ConnectionPool({ acquireTimeout: 20, connect: { lookup: () => {} } })
  await pool.warm(server.origin, 1)
  const seen = await created(async () => {
    const second = Promise.withResolvers<unknown>()
    const askAgain = (): void => {
      const options = { origin: server.origin, method: 'GET', path: '/2' } as const
      second.resolve(storage.run('/2', () => listen(pool, options).done))
    }
    const nowhere = { origin: 'http://nowhere.test', method: 'GET', path: '/1' } as const
    storage.run('/1', () => listen(pool, nowhere, { onResponseError: askAgain }))
    await second.promise
  })
  expect(seen).toEqual(['/2 /2'])
})

test('a refusal is told in the context of whom it is told', async () => {
  const pool = new ConnectionPool({ acquireTimeout: 20, connect: () => {} })
  const seen: unknown[] = []
  const ask = (name: string): Promise<unknown> =>
    storage.run(name, () => {
      const options = { origin: 'http://127.0.0.1:1', path: '/', method: 'GET' } as const
      return listen(pool, options, { onResponseError: () => seen.push(storage.getStore()) }).done
    })
  await soon(Promise.all(['a', 'b', 'c'].map(ask)), 'all')
  expect(seen.toSorted()).toEqual(['a', 'b', 'c'])
  await pool.destroy()
})
