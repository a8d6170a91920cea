/** What goes wrong on one connection stays there. */
import type { ServerResponse } from 'node:http'
import { ConnectionPool, HttpClient } from 'keepwarm'
import { request } from 'undici'
import { expect, test } from 'vitest'
import { get, listen } from './support/handlers.ts'
import { startH2, startHttp, trust } from './support/servers.ts'
import { eventually, soon } from './support/wait.ts'

/** `/silent` gets no answer, `/stops` half of one, `/held` one when `go` is called; everything else `hello`. */
function moody(): { listener: Parameters<typeof startHttp>[0]; go(): void } {
  const held: ServerResponse[] = []
  return {
    listener: ({ url }, response) => {
      if (url === '/silent') return
      if (url === '/stops') return void response.write('half')
      if (url === '/held') return void held.push(response)
      response.end('hello')
    },
    go: () => {
      for (const response of held) response.end('held')
    },
  }
}

test.each([
  ['headersTimeout', '/silent', 'attempt_timeout'],
  ['bodyIdleTimeout', '/stops', 'attempt_timeout'],
])('%s of one request closes its connection and no other', async (option, path, code) => {
  const { listener, go } = moody()
  await using server = await startHttp(listener)
  await using client = new HttpClient({ baseUrl: server.origin, retry: false })
  await client.warm(3)
  const held = client.get('/held').text()
  await eventually(() => server.requests === 1, 'the held one')
  await expect(client.get(path, { [option]: 80 }).text()).rejects.toMatchObject({ code })
  await eventually(() => server.open === 2, 'one connection less')
  expect(await client.get('/').text()).toBe('hello')
  go()
  expect(await held).toBe('held')
  expect(client.pool.counters.closed).toEqual({ aborted: 1 })
  expect(server.total).toBe(3)
})

test("undici's own headersTimeout and bodyTimeout, coarse as they are, close one connection and no other", async () => {
  const { listener, go } = moody()
  await using server = await startHttp(listener)
  await using pool = new ConnectionPool()
  await pool.warm(server.origin, 4)
  const held = get(pool, `${server.origin}/held`)
  const late = [
    request(`${server.origin}/silent`, { dispatcher: pool, headersTimeout: 100 }),
    request(`${server.origin}/stops`, { dispatcher: pool, bodyTimeout: 100 }).then(({ body }) => body.text()),
  ]
  const codes = await soon(Promise.allSettled(late), 'both timeouts')
  expect(codes).toMatchObject([
    { reason: { code: 'UND_ERR_HEADERS_TIMEOUT' } },
    { reason: { code: 'UND_ERR_BODY_TIMEOUT' } },
  ])
  await eventually(() => server.open === 2, 'two connections less')
  go()
  expect(await held).toBe('held')
  expect(server.total).toBe(4)
})

test('an abort over HTTP/1.1 costs its own connection; over HTTP/2 not even that', async () => {
  const { listener, go } = moody()
  await using plain = await startHttp(listener)
  await using multiplexed = await startH2((stream, headers) => {
    if (headers[':path'] === '/silent') return
    stream.respond({ ':status': 200 })
    setTimeout(() => stream.end('held'), 60)
  })
  await using pool = new ConnectionPool({ connect: trust })
  for (const [server, lost] of [
    [plain, 1],
    [multiplexed, 0],
  ] as const) {
    await pool.warm(server.origin, 2)
    const held = get(pool, `${server.origin}/held`)
    const { heard, done } = listen(pool, { origin: server.origin, path: '/silent', method: 'GET' })
    await eventually(() => server.requests === 2, 'both under way')
    const { open } = server
    heard.controller!.abort(new Error('gone'))
    expect((await done).error?.message).toBe('gone')
    go()
    expect(await held).toBe('held')
    await eventually(() => server.open === open - lost, 'the connection of the aborted one')
  }
})
