/** A process's clients, as `observe()` sees them. */
import { expect, test } from 'vitest'
import { ConnectionPool, createClients, HttpClient, observe } from '../src/index.ts'
import { startHttp } from './support/servers.ts'
import { eventually } from './support/wait.ts'

test('a process: its clients, and each pool once, whoever shares it', async () => {
  await using server = await startHttp()
  const baseUrl = server.origin
  await using clients = createClients(
    {
      clients: {
        a: { baseUrl, pool: 'shared' },
        b: { baseUrl, pool: 'shared' },
        c: { baseUrl },
      },
    },
    {},
  )
  using observed = observe(clients, { name: 'orders' })
  await Promise.all([clients.a.get('/').text(), clients.c.get('/').text()])
  const first = observed.snapshot({ connections: true })
  expect(first).toMatchObject({
    version: 1,
    process: { pid: process.pid, name: 'orders', loop: null, cpu: null },
  })
  expect(first.clients.map(({ name }) => name)).toEqual(['a', 'b', 'c'])
  const [a, b, c] = first.clients
  expect([a?.poolId === b?.poolId, a?.poolId === c?.poolId]).toEqual([true, false])
  expect(first.pools.map(({ id }) => id).toSorted()).toEqual([a!.poolId, c!.poolId].toSorted())
  expect(first.pools.every(({ connectionList }) => connectionList?.length === 1)).toBe(true)
  expect(observed.snapshot().pools[0]).not.toHaveProperty('connectionList')
  await eventually(() => {
    const { loop, cpu } = observed.snapshot().process
    return loop !== null && cpu !== null && loop.max >= loop.p50 && cpu >= 0
  }, 'the loop and the processor are measured')
  const snapshot = observed.snapshot({ connections: true })
  expect(JSON.parse(JSON.stringify(snapshot))).toEqual(snapshot)
  expect(observed.history()).toHaveLength(3)
  expect(observed.diagnose().length).toBeGreaterThan(0)
  expect(observed.prometheus()).toContain('http_client_request_duration_seconds')
})

test('what is closed vanishes, clients and their pools', async () => {
  await using kept = new HttpClient({ name: 'kept' })
  const gone = new HttpClient({ name: 'gone' })
  using observed = observe([kept, gone])
  expect(observed.snapshot().clients).toHaveLength(2)
  await gone.close()
  const { clients, pools } = observed.snapshot()
  expect([clients.map(({ name }) => name), pools.length]).toEqual([['kept'], 1])
  expect(observed.history()).toHaveLength(1)
  await kept.destroy()
  expect(observed.snapshot()).toMatchObject({ clients: [], pools: [], events: [] })
})

test('a function is asked again each time; one client, a list and an object will do', async () => {
  await using pool = new ConnectionPool()
  await using one = new HttpClient({ name: 'one', pool })
  await using two = new HttpClient({ name: 'two', pool })
  const list = [one]
  using observed = observe(() => list)
  expect(observed.snapshot().clients).toHaveLength(1)
  list.push(two)
  expect(observed.snapshot()).toMatchObject({ clients: [{ name: 'one' }, { name: 'two' }], pools: [{}] })
  for (const given of [one, new Set([one]), { x: one }]) {
    using other = observe(given)
    expect(other.snapshot().clients.map(({ name }) => name)).toEqual(['one'])
  }
})

test.each([undefined, null, 'client', 7, [{}], { a: 1 }])('%j is no client, and is refused', (given) => {
  expect(() => observe(given as never)).toThrow(/clients: a list of them/)
})

test('at most 200 connections are listed of a pool, those that are busy first', async () => {
  await using client = new HttpClient({ name: 'wide' })
  const connection = (id: number, inFlight: number): object => ({ id, inFlight, age: id })
  const list = Array.from({ length: 300 }, (_, id) => connection(id, id === 7 ? 1 : 0))
  const stub = {
    ...{ closed: false, pool: { snapshot: () => client.pool.snapshot(), connections: () => list } },
    snapshot: () => client.snapshot(),
    history: () => client.history(),
    recentEvents: () => [],
  }
  using observed = observe([stub as never])
  const ids = observed.snapshot({ connections: true }).pools[0]!.connectionList!.map(({ id }) => id)
  expect([ids.length, ids[0], ids[1], ids.at(-1)]).toEqual([200, 7, 299, 101])
})
