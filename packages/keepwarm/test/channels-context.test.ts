/** In whose asynchronous context events are told: what traces and loggers hang on. */
import { AsyncLocalStorage } from 'node:async_hooks'
import { ConnectionPool, HttpClient, subscribeEvents } from 'keepwarm'
import { request } from 'undici'
import { expect, test } from 'vitest'
import { EventBook } from './support/event-book.ts'
import { get } from './support/handlers.ts'
import { startHttp, startRaw } from './support/servers.ts'
import { eventually, sleep } from './support/wait.ts'

const storage = new AsyncLocalStorage<string>()

/** Events that name a path, each with the context in which it was told: they must be the same. */
function contexts(): { readonly seen: Map<string, Set<unknown>>; readonly book: EventBook } {
  const seen = new Map<string, Set<unknown>>()
  const book = new EventBook(({ name, event }) => {
    if (!('path' in event)) return
    if (!seen.has(name)) seen.set(name, new Set())
    seen.get(name)!.add(`${event.path} ${storage.getStore()}`)
  })
  return { seen, book }
}

function expectOwn(seen: ReadonlyMap<string, Set<unknown>>, names: readonly string[]): void {
  expect([...seen.keys()].sort()).toEqual([...names].sort())
  for (const [name, pairs] of seen) {
    const strange = [...pairs].filter((pair) => String(pair).split(' ')[0] !== String(pair).split(' ')[1])
    expect(strange, name).toEqual([])
  }
}

const paths = ['/1', '/2', '/3', '/4']
const ofCalls = ['call:start', 'call:end', 'attempt:start', 'attempt:end', 'wait:start', 'wait:end']

test('every event of a call has the context of its caller: also after the line, of retries, and at the end', async () => {
  const asked = new Map<string, number>()
  await using server = await startHttp((incoming, response) => {
    const path = incoming.url!
    asked.set(path, (asked.get(path) ?? 0) + 1)
    response.statusCode = asked.get(path) === 1 ? 503 : 200
    setTimeout(() => response.end('well'), 2)
  })
  const { seen, book } = contexts()
  using _ = book
  const options = { baseUrl: server.origin, maxConnections: 1, retry: { throttledBase: 1 } }
  await using client = new HttpClient(options)
  await Promise.all(paths.map((path) => storage.run(path, () => client.get(path).text())))
  expectOwn(seen, [...ofCalls, 'retry'])
  expect(seen.get('wait:end')!.size).toBe(4)
})

test('of a hedge, too, which the clock sends on its way', async () => {
  let number = 0
  await using server = await startHttp((_, response) => {
    if (number++ % 2 === 1) response.end('fast')
  })
  const { seen, book } = contexts()
  using _ = book
  await using client = new HttpClient({ baseUrl: server.origin, hedge: { after: 10, share: 1 } })
  await storage.run('/1', () => client.get('/1').text())
  await storage.run('/2', () => client.get('/2').text())
  expect(book.of('attempt:start').filter(({ why }) => why === 'hedge')).toHaveLength(2)
  expectOwn(seen, ofCalls)
})

test('of requests to a pool alone', async () => {
  await using server = await startHttp((_, response) => void setTimeout(() => response.end('well'), 2))
  const { seen, book } = contexts()
  using _ = book
  await using pool = new ConnectionPool({ maxConnections: 1 })
  await Promise.all(paths.map((path) => storage.run(path, () => get(pool, `${server.origin}${path}`))))
  expectOwn(seen, ['wait:start', 'wait:end'])
  expect(seen.get('wait:end')!.size).toBe(4)
})

test('of those who are turned away, and of those who leave', async () => {
  await using server = await startHttp(() => {})
  const { seen, book } = contexts()
  using _ = book
  await using pool = new ConnectionPool({ maxConnections: 1, maxQueue: 2, acquireTimeout: 40 })
  const left = new AbortController()
  const all = paths.map((path) =>
    storage.run(path, () => get(pool, `${server.origin}${path}`, left.signal).catch(() => {})),
  )
  setTimeout(() => left.abort(), 80)
  await Promise.all(all)
  const outcomes = book.of('wait:end').map(({ path, outcome }) => [path, outcome])
  expect(outcomes.map(([, outcome]) => outcome).sort()).toEqual([
    'acquire_timeout',
    'acquire_timeout',
    'leased',
    'queue_full',
  ])
  expectOwn(seen, ['wait:start', 'wait:end'])
})

test('of a race and a leak, which a socket and a timer find out', async () => {
  // Each connection serves one request, and is closed as the second comes.
  await using server = await startRaw((socket) => {
    let number = 0
    socket.on('data', () => {
      if (++number === 2) socket.destroy()
      else socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
    })
  })
  const large = Buffer.alloc(4_000_000)
  await using slow = await startHttp((_, response) => void response.end(large))
  const { seen, book } = contexts()
  using _ = book
  await using pool = new ConnectionPool({ leakAfter: 20 })
  await storage.run('/0', () => get(pool, `${server.origin}/0`))
  await sleep(5)
  await storage.run('/1', () => get(pool, `${server.origin}/1`))
  const { body } = await storage.run('/2', () => request(`${slow.origin}/2`, { dispatcher: pool }))
  await eventually(() => book.of('leak').length === 1, 'the leak')
  body.on('error', () => {}).destroy()
  expect(book.of('race')).toMatchObject([{ kind: 'race', path: '/1', requests: 2, call: undefined }])
  expect(book.of('race')[0]!.rested).toBeGreaterThan(0)
  expectOwn(seen, ['wait:start', 'wait:end', 'race', 'leak'])
})

test('a span that is put into the context by the caller is there for a logger at the end', async () => {
  await using server = await startHttp((_, response) => response.end('well'))
  await using client = new HttpClient({ baseUrl: server.origin })
  const lines: string[] = []
  using _ = subscribeEvents({
    'call:end': ({ method, path, status }) =>
      lines.push(`${storage.getStore()}: ${method} ${path} ${status}`),
  })
  await storage.run('request 7', async () => {
    await sleep(1)
    await client.fetch(`${server.origin}/a`).then((response) => response.text())
  })
  expect(lines).toEqual(['request 7: GET /a 200'])
})
