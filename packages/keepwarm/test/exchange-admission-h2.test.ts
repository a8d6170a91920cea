/** Over HTTP/2 a call that is turned away in the last moment leaves its session alone. */
import { HttpClient } from 'keepwarm'
import { expect, test } from 'vitest'
import { failureOf } from './support/client-tools.ts'
import { startH2, trust } from './support/servers.ts'

test('a breaker that is held open while calls wait for a dial turns them away, and the session serves the next', async () => {
  await using server = await startH2((stream) => {
    stream.respond({ ':status': 200 })
    stream.end('ok')
  })
  await using client = new HttpClient({ baseUrl: server.origin, connect: trust, retry: false })
  const waiting = Array.from({ length: 5 }, () => failureOf(client.get('/').text()))
  const hand = client.breakers.force('open') // after they were let into the line, before there is a connection
  for (const error of await Promise.all(waiting)) {
    expect(error).toMatchObject({ code: 'breaker_open', sent: 'no' })
  }
  hand[Symbol.dispose]()
  expect(await client.get('/').text()).toBe('ok')
  expect(client.pool.counters.closed).toEqual({})
})
