/** A process's clients, as `observe()` sees them. */
import undici from 'undici'
import { expect, test } from 'vitest'
import { ConnectionPool, createClients, HttpClient, observe, type HttpClientOptions } from '../src/index.ts'
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
  await using server = await startHttp(
    (request, response) => void (request.url === '/held' || response.end()),
  )
  await using client = new HttpClient({ name: 'wide', baseUrl: server.origin, ...wide(210) })
  using observed = observe(client)
  await client.warm(210)
  const held = client.get('/held').discard()
  await eventually(() => server.requests === 1, 'it is held')
  const list = observed.snapshot({ connections: true }).pools[0]!.connectionList!
  expect(list.map(({ state }) => state)).toEqual(['busy', ...Array<string>(199).fill('idle')])
  const ages = list.slice(1).map(({ age }) => age)
  expect(ages).toEqual(ages.toSorted((a, b) => b - a))
  const all = client.pool.connections()
  expect(all).toHaveLength(210)
  const oldest = Math.max(...all.filter(({ state }) => state === 'idle').map(({ age }) => age))
  expect(ages[0]).toBeCloseTo(oldest, -2)
  void held.catch(() => {})
  await client.destroy()
})

test('of many pools fewer connections are listed, and never less than twenty of each', async () => {
  await using server = await startHttp()
  const clients = Array.from(
    { length: 4 },
    (_, index) => new HttpClient({ name: `client ${index}`, baseUrl: server.origin, ...wide(45) }),
  )
  using observed = observe(clients)
  await Promise.all(clients.slice(0, 3).map((client) => client.warm(45)))
  const listed = (connections: number | boolean): (number | undefined)[] =>
    observed.snapshot({ connections }).pools.map(({ connectionList }) => connectionList?.length)
  expect(listed(90)).toEqual([30, 30, 30, 0])
  expect(listed(1)).toEqual([20, 20, 20, 0])
  expect(listed(1_000)).toEqual([45, 45, 45, 0])
  expect(listed(true)).toEqual([45, 45, 45, 0])
  expect(listed(false)).toEqual([undefined, undefined, undefined, undefined])
  await Promise.all(clients.map((client) => client.destroy()))
})

test('a pool that no client uses is seen by itself, judged, and measured', async () => {
  await using server = await startHttp(
    (request, response) => void (request.url === '/held' || response.end('{}')),
  )
  await using stack = new AsyncDisposableStack()
  const pool = new ConnectionPool({ maxConnectionsPerOrigin: 2 })
  stack.defer(() => pool.destroy())
  await using client = new HttpClient({ name: 'orders', baseUrl: server.origin })
  using observed = observe([pool, client])
  expect(observed.snapshot().pools).toHaveLength(2)
  await undici.request(server.origin, { dispatcher: pool }).then(({ body }) => body.dump())
  const calls = Array.from({ length: 9 }, () => undici.request(`${server.origin}/held`, { dispatcher: pool }))
  const ended = Promise.allSettled(calls)
  await eventually(() => (pool.snapshot().origins[0]?.oldestWait ?? 0) > 600, 'they wait')
  const [worst] = observed.diagnose()
  expect(worst).toMatchObject({
    kind: 'pool_exhausted',
    level: 'warn',
    client: null,
    origin: server.origin,
  })
  const [shown] = observed
    .snapshot({ connections: true })
    .pools.filter(({ connections }) => connections === 2)
  expect(shown!.connectionList).toHaveLength(2)
  const { id } = shown!
  expect(observed.prometheus()).toContain(`keepwarm_pool_name="pool ${id}"`)
  expect(observed.history()).toHaveLength(1)
  await pool.destroy()
  expect((await ended).every(({ status }) => status === 'rejected')).toBe(true)
  expect(observed.snapshot().pools).toHaveLength(1)
})

test('a pool alone is enough, and one that a client uses, too, is shown once', async () => {
  await using pool = new ConnectionPool()
  using alone = observe(pool)
  expect(alone.snapshot()).toMatchObject({ clients: [], pools: [{ connections: 0 }] })
  await using client = new HttpClient({ name: 'orders', pool })
  using both = observe([client, pool])
  expect(both.snapshot().pools).toHaveLength(1)
})

function wide(most: number): HttpClientOptions {
  return {
    ...{ maxConnections: most, maxConnectionsPerOrigin: most, maxIdleConnections: most, maxDials: most },
    retry: false,
  }
}
