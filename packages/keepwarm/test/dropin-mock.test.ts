/** undici's MockAgent in the tests of code that runs on keepwarm. */
import { ConnectionPool, type HttpClient } from 'keepwarm'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { fetch, MockAgent, request, type Dispatcher } from 'undici'
import { clientOf, failureOf } from './support/client-tools.ts'
import { startHttp } from './support/servers.ts'

const search = 'http://search.test'
let mock: MockAgent

beforeEach(() => {
  mock = new MockAgent()
  mock.disableNetConnect()
})
afterEach(() => mock.close())

/** Requests to these origins go to the mock, and all others where they went before. */
const mocked =
  (...origins: string[]): Dispatcher.DispatcherComposeInterceptor =>
  (dispatch) =>
  (options, handler) =>
    origins.includes(String(options.origin)) ? mock.dispatch(options, handler) : dispatch(options, handler)

test('MockAgent: some origins are mocked, and the others go through the pool', async () => {
  await using server = await startHttp()
  await using pool = new ConnectionPool()
  const dispatcher = pool.compose(mocked(search))
  mock.get(search).intercept({ path: '/a' }).reply(200, 'mocked').times(2)
  expect(await (await request(`${search}/a`, { dispatcher })).body.text()).toBe('mocked')
  expect(await (await fetch(`${search}/a`, { dispatcher })).text()).toBe('mocked')
  expect(await (await request(server.origin, { dispatcher })).body.text()).toBe('hello')
  const unknown = await failureOf(request(`${search}/b`, { dispatcher }))
  expect(unknown).toMatchObject({ code: 'UND_MOCK_ERR_MOCK_NOT_MATCHED' })
  expect(pool.counters.requests).toBe(1)
  mock.assertNoPendingInterceptors()
})

test('MockAgent: some origins are mocked, and the others go through a client', async () => {
  await using server = await startHttp()
  await using client: HttpClient = clientOf(server)
  const dispatcher = client.compose(mocked(search))
  mock.get(search).intercept({ path: '/a', method: 'POST', body: 'x' }).reply(201, 'mocked')
  const answer = await request(`${search}/a`, { dispatcher, method: 'POST', body: 'x' })
  expect([answer.statusCode, await answer.body.text()]).toEqual([201, 'mocked'])
  expect(await (await fetch(server.origin, { dispatcher })).text()).toBe('hello')
  expect(client.getMetrics().total_requests).toBe(1)
  mock.assertNoPendingInterceptors()
})

test('MockAgent takes no pool as its agent: it reads the inside of an Agent', async () => {
  await using pool = new ConnectionPool()
  const around = new MockAgent({ agent: pool as unknown as NonNullable<MockAgent.Options['agent']> })
  expect(() => around.get(search)).toThrow(TypeError)
})
