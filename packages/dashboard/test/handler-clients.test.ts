/** A dashboard of real clients, from what it is given to what is seen. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createClients, HttpClient } from 'keepwarm'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { dashboard } from '../src/index.ts'
import { ask } from './support/handler-lab.ts'
import { EventStream } from './support/handler-stream.ts'
import { eventually } from './support/handler-wait.ts'

const upstream = createServer((_, response) => void response.end('{}'))
let baseUrl = ''

beforeAll(async () => {
  upstream.listen(0, '127.0.0.1')
  await once(upstream, 'listening')
  baseUrl = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`
})
afterAll(() => {
  upstream.closeAllConnections()
  upstream.close()
})

test('what calls do is in the rows of the stream, each second once, and in the figures', async () => {
  await using clients = createClients({ search: { baseUrl }, ollama: { baseUrl } }, {})
  await using board = dashboard(clients, { name: 'shop' })
  const { url } = await board.listen()
  const stream = await EventStream.open(`${url}events`)
  await eventually(() => stream.ticks.length > 0, 'a first tick')
  for (let i = 0; i < 20; i++) await clients.search.get('/').text()
  const total = (): number => stream.secondsOf('search').reduce((sum, ok) => sum + ok, 0)
  await eventually(() => total() === 20, 'all calls in the rows')
  const ticks = stream.ticks.length
  await eventually(() => stream.ticks.length >= ticks + 2, 'two more ticks')
  expect(total()).toBe(20)
  const rows = stream.ticks.flatMap((tick) => tick.rows.filter(({ client }) => client === 'search'))
  const seconds = rows.flatMap(({ from, seconds: count }) =>
    Array.from({ length: count }, (_, index) => from + index),
  )
  expect(new Set(seconds).size).toBe(seconds.length)
  expect((await ask(`${url}metrics`)).text).toMatch(/^http_client_request_duration_seconds_count\{.*\} 20$/m)
  expect((await ask(`${url}snapshot.json`)).json).toMatchObject({ process: { name: 'shop' } })
  stream.close()
})

test('when all clients are closed the stream ends', async () => {
  const client = new HttpClient({ name: 'search', baseUrl })
  await using board = dashboard(client)
  const { url } = await board.listen()
  const stream = await EventStream.open(`${url}events`)
  await eventually(() => stream.ticks.length > 0, 'a first tick')
  await client.close()
  await eventually(() => stream.ended, 'the end')
  expect((await ask(`${url}events`)).status).toBe(503)
})

test('clients that come and go are those of the function that lists them', async () => {
  const list: HttpClient[] = [new HttpClient({ name: 'first', baseUrl })]
  await using board = dashboard(() => list, { admin: true })
  const { url } = await board.listen()
  const stream = await EventStream.open(`${url}events`)
  const names = (): string[] => stream.ticks.at(-1)?.snapshot.clients.map(({ name }) => name) ?? []
  await eventually(() => names().includes('first'), 'the first')
  await list[0]!.close()
  await eventually(() => names().length === 0, 'nobody')
  await using second = new HttpClient({ name: 'second', baseUrl })
  list.push(second)
  await eventually(() => names().includes('second'), 'the second')
  const headers = { 'content-type': 'application/json', 'x-keepwarm-admin': '1' }
  const body = JSON.stringify({ client: 'second', to: 'open' })
  expect((await ask(`${url}admin/breakers`, { method: 'POST', headers, body })).status).toBe(200)
  await expect(second.get('/').text()).rejects.toMatchObject({ code: 'breaker_open' })
  stream.close()
})

test('what are no clients is refused', () => {
  expect(() => dashboard({ search: {} } as never)).toThrow(/clients/)
  expect(() => dashboard([], { tokn: 'x' } as never)).toThrow(/tokn/)
})
