/** Endpoint groups and priorities over real sockets: what is slow cannot starve what is not. */
import { ConfigError, ConnectionPool, HttpClient, type EndpointGroups } from 'keepwarm'
import { request } from 'undici'
import { expect, test } from 'vitest'
import { startHttp } from './support/servers.ts'
import { eventually, soon } from './support/wait.ts'

/** Answers /generate/… when told to, and everything else at once. */
async function startModel(): Promise<{ origin: string; held: string[]; finish(): void } & AsyncDisposable> {
  const held: string[] = []
  let answers: (() => void)[] = []
  const server = await startHttp((incoming, response) => {
    if (!incoming.url!.startsWith('/generate')) return void response.end('fast')
    held.push(incoming.url!)
    answers.push(() => response.end('slow'))
  })
  const finish = (): void => {
    for (const answer of answers.splice(0)) answer()
  }
  const close = async (): Promise<void> => {
    finish()
    answers = []
    await server[Symbol.asyncDispose]()
  }
  return { origin: server.origin, held, finish, [Symbol.asyncDispose]: close }
}

const groups = { generate: { paths: ['/generate', '/generate/*'], maxInFlight: 2, maxQueue: 3 } }

test('a health check does not wait behind slow requests that fill their group', async () => {
  await using model = await startModel()
  await using client = new HttpClient({ baseUrl: model.origin, maxConnections: 3, groups })
  const slow = [1, 2, 3, 4, 5].map((n) => client.get(`/generate/${n}?query`).text())
  await eventually(() => model.held.length === 2, 'two are with the model')
  expect(await soon(client.get('/health').text(), 'the health check')).toBe('fast')
  const [origin] = client.pool.snapshot().origins
  expect(origin).toMatchObject({
    inFlight: 2,
    waiting: 3,
    groups: [{ group: 'generate', inFlight: 2, maxInFlight: 2, waiting: 3 }],
  })
  expect(origin!.oldestWait).toBeGreaterThan(0)
  await expect(client.get('/generate/6', { retry: false }).text()).rejects.toMatchObject({
    code: 'queue_full',
    message: expect.stringMatching(
      /endpoint group generate\) is full: .*blocked by maxInFlight of generate \(2 in flight\)/,
    ),
  })
  for (const count of [4, 5]) {
    model.finish()
    await eventually(() => model.held.length === count, `${count} came to the model`)
  }
  model.finish()
  expect(await soon(Promise.all(slow), 'all slow ones')).toEqual(Array(5).fill('slow'))
})

test('a group of one origin is none of another, and its limit can be changed at run time', async () => {
  await using model = await startModel()
  await using other = await startModel()
  const own: EndpointGroups = { slow: { origin: model.origin, paths: ['/generate*'], maxInFlight: 1 } }
  await using pool = new ConnectionPool({ groups: own })
  const get = async (origin: string): Promise<string> => {
    const { body } = await request(`${origin}/generate`, { dispatcher: pool })
    return body.text()
  }
  const all = [...Array(3)].flatMap(() => [get(model.origin), get(other.origin)])
  await eventually(() => other.held.length === 3 && model.held.length === 1, 'one, and three')
  pool.setLimits({ groups: { slow: { maxInFlight: 3 } } })
  await eventually(() => model.held.length === 3, 'all three')
  model.finish()
  other.finish()
  expect(await Promise.all(all)).toEqual(Array(6).fill('slow'))
})

test('of those who wait a high priority goes first and a low one last', async () => {
  await using model = await startModel()
  await using client = new HttpClient({ baseUrl: model.origin, maxConnections: 1 })
  const calls = (['low', 'auto', 'auto', 'high'] as const).map((priority, n) =>
    client.get(`/generate/${priority}${n}`, { priority }).text(),
  )
  for (let n = 1; n <= calls.length; n++) {
    await eventually(() => model.held.length === n, `number ${n}`)
    model.finish()
  }
  await Promise.all(calls)
  expect(model.held).toEqual(['/generate/high3', '/generate/auto1', '/generate/auto2', '/generate/low0'])
})

test.each([
  [{ slow: { paths: [], maxInFlight: 1 } }, 'groups.slow.paths'],
  [{ slow: { paths: ['generate'], maxInFlight: 1 } }, 'groups.slow.paths'],
  [{ slow: { paths: ['/a?b'], maxInFlight: 1 } }, 'groups.slow.paths'],
  [{ slow: { paths: ['/a'] } }, 'groups.slow.maxInFlight'],
  [{ slow: { paths: ['/a'], maxInFlight: 0 } }, 'groups.slow.maxInFlight'],
  [{ slow: { paths: ['/a'], maxInFlight: 1, maxQueue: -1 } }, 'groups.slow.maxQueue'],
  [{ slow: { paths: ['/a'], maxInFlight: 1, origin: 'ftp://a' } }, 'groups.slow.origin'],
  [{ slow: { paths: ['/a'], maxInflight: 1 } }, 'groups.slow.maxInflight'],
  [{ slow: 3 }, 'groups.slow'],
  ['slow', 'groups'],
])('groups: %j is refused, and the message names %s', (wrong, named) => {
  const make = (): unknown => new ConnectionPool({ groups: wrong as unknown as EndpointGroups })
  expect(make).toThrow(ConfigError)
  expect(make).toThrow(`${named} = `)
})

test('a limit of a group that does not exist changes nothing, and says which there are', async () => {
  await using pool = new ConnectionPool({ groups })
  const change = (): void => pool.setLimits({ maxConnections: 5, groups: { generat: { maxInFlight: 3 } } })
  expect(change).toThrow(/groups.generat = [^]*a group of this pool: generate/)
  expect(pool.snapshot().maxConnections).toBe(100)
})

test('a priority that is none is refused before anything is sent', async () => {
  await using model = await startModel()
  await using client = new HttpClient({ baseUrl: model.origin })
  const priority = 'urgent' as 'high'
  await expect(async () => client.get('/', { priority }).text()).rejects.toThrow(/priority = "urgent"/)
  const direct = request(model.origin, { dispatcher: client.pool, priority } as object)
  await expect(direct).rejects.toThrow(/priority is "urgent"; it must be one of high, auto, low/)
  expect(client.pool.counters.dialed).toBe(0)
})
