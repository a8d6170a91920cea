/** However often a request goes out, its handler hears of one; and nothing goes out twice that was begun. */
import { constants } from 'node:http2'
import type { Socket } from 'node:net'
import { Readable } from 'node:stream'
import { ConnectionPool } from 'keepwarm'
import { request, type Dispatcher } from 'undici'
import { expect, test } from 'vitest'
import { get, listen } from './support/handlers.ts'
import { eachRequest, rawResponse, startH2, startRaw, trust } from './support/servers.ts'
import { eventually, soon } from './support/wait.ts'

/** A server that answers the first request of each connection, and closes the connection on the second. */
function closesOnTheSecond(): ReturnType<typeof startRaw> {
  return startRaw((socket) =>
    eachRequest(socket, (_, number) => (number === 1 ? socket.write(rawResponse('ok')) : socket.destroy())),
  )
}

test('a request that lost the race: started once, one answer, and the controller it was given aborts it', async () => {
  await using server = await closesOnTheSecond()
  await using pool = new ConnectionPool()
  await get(pool, server.origin)
  const controllers: Dispatcher.DispatchController[] = []
  const { done } = listen(
    pool,
    { origin: server.origin, path: '/', method: 'GET' },
    {
      onResponseStart: (controller) => void controllers.push(controller),
    },
  )
  const heard = await soon(done, 'the answer')
  expect(heard).toMatchObject({ calls: ['start', 'headers', 'end'], body: 'ok' })
  expect(controllers).toEqual([heard.controller])
  expect(pool.counters.lostRaces).toBe(1)
})

test('a request that another session processes after a GOAWAY: started once, one answer', async () => {
  let sessions = 0
  await using server = await startH2((stream) => {
    stream.respond({ ':status': 200 })
    stream.end('hello')
  })
  server.server.on('session', (session) => {
    if (++sessions === 1) session.goaway(constants.NGHTTP2_NO_ERROR, 0)
  })
  await using pool = new ConnectionPool({ connect: trust })
  const heard = await soon(
    listen(pool, { origin: server.origin, path: '/', method: 'POST', body: 'x' }).done,
    'the answer',
  )
  expect(heard).toMatchObject({ calls: ['start', 'headers', 'end'], body: 'hello' })
  expect(sessions).toBe(2)
})

test('a stream that nobody has touched goes out on the next connection, from its first byte', async () => {
  const sockets: Socket[] = []
  const bodies: string[] = []
  await using server = await startRaw((socket) => {
    sockets.push(socket)
    let text = ''
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString()
      if (!text.endsWith(text.startsWith('POST') ? '\r\n0\r\n\r\n' : '\r\n\r\n')) return
      bodies.push(text.slice(text.indexOf('\r\n\r\n') + 4))
      text = ''
      socket.write(rawResponse('ok'))
    })
  })
  await using pool = new ConnectionPool({ maxConnections: 1 })
  for (let i = 0; i < 10; i++) {
    await get(pool, server.origin)
    await eventually(() => pool.snapshot().idle === 1, 'an idle connection')
    sockets.at(-1)!.resetAndDestroy() // our side has not looked yet
    const body = Readable.from(['the ', 'whole'])
    const response = await soon(
      request(server.origin, { method: 'POST', body, dispatcher: pool }),
      'the POST',
    )
    expect(await response.body.text()).toBe('ok')
    expect(bodies.at(-1)).toBe('4\r\nthe \r\n5\r\nwhole\r\n0\r\n\r\n')
  }
  expect(pool.counters.lostUnsent).toBeGreaterThan(0)
})

test('a server that closes every connection after it was asked gets no more than two of each request', async () => {
  let arrived = 0
  await using server = await startRaw((socket) =>
    eachRequest(socket, (head, number) => {
      if (head.includes('/warm') && number === 1) return void socket.write(rawResponse('ok'))
      arrived++
      socket.destroy()
    }),
  )
  await using pool = new ConnectionPool({ maxConnections: 5 })
  await Promise.all(Array.from({ length: 5 }, () => get(pool, `${server.origin}/warm`)))
  const all = Array.from({ length: 20 }, () => get(pool, server.origin))
  for (const result of await soon(Promise.allSettled(all), 'all')) {
    expect(result).toMatchObject({ status: 'rejected', reason: { code: 'UND_ERR_SOCKET' } })
  }
  expect(arrived).toBeLessThanOrEqual(40)
  expect(pool.snapshot()).toMatchObject({ waiting: 0, inFlight: 0 })
})
