/** The keep-alive race: a server closes an idle connection just as the next request goes out on it. */
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { ConnectionPool } from 'keepwarm'
import { request } from 'undici'
import { afterEach, describe, expect, test } from 'vitest'

type Ending = 'fin' | 'reset' | 'half'

interface RacyServer {
  readonly url: string
  connections: number
  /** Requests answered, by their x-id. */
  readonly answered: Map<string, number>
  /** Requests that arrived, by their x-id. */
  readonly arrived: Map<string, number>
  /** Connections on which a request is not answered; by number of the request on its connection, from 1. */
  closes: (requestOnConnection: number) => Ending | false
}

let server: Server | undefined
let pool: ConnectionPool | undefined

afterEach(async () => {
  await pool?.destroy()
  server?.closeAllConnections()
  server?.close()
})

async function racyServer(closes: RacyServer['closes']): Promise<RacyServer> {
  const served = new WeakMap<Socket, number>()
  const racy = { connections: 0, answered: new Map(), arrived: new Map(), closes, url: '' }
  server = createServer((message, response) => {
    const id = String(message.headers['x-id'])
    const number = (served.get(message.socket) ?? 0) + 1
    served.set(message.socket, number)
    count(racy.arrived, id)
    const ending = racy.closes(number)
    if (ending === 'fin') return void message.socket.destroy()
    if (ending === 'reset') return void message.socket.resetAndDestroy()
    if (ending === 'half') {
      response.writeHead(200, { 'content-length': 10 }).write('half')
      return void setTimeout(() => message.socket.destroy(), 5)
    }
    count(racy.answered, id)
    message.resume()
    response.end('ok')
  }).on('connection', () => racy.connections++)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  racy.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return racy
}

function count(counts: Map<string, number>, id: string): void {
  counts.set(id, (counts.get(id) ?? 0) + 1)
}

type Init = Omit<NonNullable<Parameters<typeof request>[1]>, 'headers'> & { headers?: Record<string, string> }

async function ask(racy: RacyServer, id: string, init: Init = {}): Promise<string> {
  const headers = { ...init.headers, 'x-id': id }
  const { body } = await request(racy.url, { ...init, dispatcher: pool!, headers })
  return body.text()
}

/** Every other request on a used connection finds it closed. */
function everyOther(ending: Ending): RacyServer['closes'] {
  let used = 0
  return (number) => (number > 1 && used++ % 2 === 0 ? ending : false)
}

describe('the keep-alive race', () => {
  test.each(['fin', 'reset'] as const)(
    '1,000 GETs against a server that closes by %s: none fails',
    async (ending) => {
      const racy = await racyServer(everyOther(ending))
      pool = new ConnectionPool({ maxConnections: 10 })
      let next = 0
      const worker = async (): Promise<void> => {
        while (next < 1_000) expect(await ask(racy, String(next++))).toBe('ok')
      }
      await Promise.all(Array.from({ length: 10 }, worker))
      expect(racy.answered.size).toBe(1_000)
      expect(Math.max(...racy.answered.values())).toBe(1)
      expect(pool.counters.lostRaces).toBeGreaterThan(100)
    },
  )

  test('a keyed POST goes again, a POST without a key does not: the server may have processed it', async () => {
    const racy = await racyServer((number) => (number > 1 ? 'fin' : false))
    pool = new ConnectionPool()
    const post: Init = { method: 'POST', body: '{}' }
    await ask(racy, 'warm', post)
    expect(await ask(racy, 'keyed', { ...post, headers: { 'idempotency-key': 'k' } })).toBe('ok')
    await expect(ask(racy, 'plain', post)).rejects.toMatchObject({ code: 'UND_ERR_SOCKET' })
    expect(racy.arrived.get('plain')).toBe(1)
  })

  test('idempotent: true is the word of the caller, and so is false', async () => {
    const racy = await racyServer((number) => (number > 1 ? 'fin' : false))
    pool = new ConnectionPool()
    await ask(racy, 'warm')
    expect(await ask(racy, 'said', { method: 'POST', body: 'x', idempotent: true })).toBe('ok')
    await expect(ask(racy, 'not', { idempotent: false })).rejects.toThrow()
  })

  test('a stream is not sent again', async () => {
    const racy = await racyServer((number) => (number > 1 ? 'fin' : false))
    pool = new ConnectionPool()
    await ask(racy, 'warm')
    async function* body(): AsyncGenerator<string> {
      yield 'once'
    }
    const put: Init = { method: 'PUT', body: body() as never }
    await expect(ask(racy, 'stream', put)).rejects.toThrow()
    expect(racy.arrived.get('stream')).toBe(1)
  })

  test('a connection that never served is believed: nothing is sent again', async () => {
    const racy = await racyServer(() => 'fin')
    pool = new ConnectionPool()
    await expect(ask(racy, 'first')).rejects.toMatchObject({ code: 'UND_ERR_SOCKET' })
    expect(racy.arrived.get('first')).toBe(1)
    expect(racy.connections).toBe(1)
  })

  test('once and no more: a server that closes the new connection too is told on', async () => {
    const racy = await racyServer(() => false)
    pool = new ConnectionPool()
    await ask(racy, 'warm')
    racy.closes = () => 'fin'
    await expect(ask(racy, 'twice')).rejects.toMatchObject({ code: 'UND_ERR_SOCKET' })
    expect(racy.arrived.get('twice')).toBe(2)
  })

  test('never after the first byte of a response', async () => {
    const racy = await racyServer((number) => (number > 1 ? 'half' : false))
    pool = new ConnectionPool()
    await ask(racy, 'warm')
    await expect(ask(racy, 'half')).rejects.toThrow()
    expect(racy.arrived.get('half')).toBe(1)
  })

  test('the first proof flushes the idle siblings: nobody tries them one after the other', async () => {
    const racy = await racyServer((number) => (number > 1 ? 'fin' : false))
    pool = new ConnectionPool({ maxConnections: 8 })
    await Promise.all(Array.from({ length: 8 }, (_, i) => ask(racy, `warm-${i}`)))
    const opened = racy.connections
    expect(opened).toBe(8)
    for (let i = 0; i < 4; i++) expect(await ask(racy, `next-${i}`)).toBe('ok')
    expect(pool.snapshot().counters.closed.stale).toBe(7)
    expect(pool.counters.lostRaces).toBeLessThanOrEqual(4)
  })

  test('at the limit of connections the new one takes the place of the dead one', async () => {
    const racy = await racyServer(everyOther('fin'))
    pool = new ConnectionPool({ maxConnections: 1 })
    for (let i = 0; i < 20; i++) expect(await ask(racy, String(i))).toBe('ok')
  })
})
