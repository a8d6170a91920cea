import { describe, expect, test } from 'vitest'
import type { KeepwarmError } from '../errors.ts'
import { HttpClient } from '../client/http-client.ts'
import type { HttpClientOptions } from '../client/options.ts'
import type { ConnectionPool } from '../pool/pool.ts'
import { ManualRuntime } from './manual-runtime.ts'
import { SimulatedNetwork } from './network.ts'
import type { ServerBehaviour } from './network-behaviour.ts'
import type { SimulatedServer } from './network-server.ts'

const H1 = 'http://one'
const H2 = 'https://two'

interface Stage {
  readonly runtime: ManualRuntime
  readonly network: SimulatedNetwork
  readonly server: SimulatedServer
  readonly client: HttpClient
  readonly pool: ConnectionPool
  /** What became of a promise by now. */
  fate(call: Promise<unknown>): () => string
}

function setup(behaviour: ServerBehaviour = {}, options: HttpClientOptions = {}): Stage {
  const runtime = new ManualRuntime()
  const network = new SimulatedNetwork(runtime)
  const baseUrl = behaviour.protocol === 'h2' ? H2 : H1
  const server = network.serve(baseUrl, behaviour)
  const client = new HttpClient({ baseUrl, retry: false, ...options, runtime, network })
  return { runtime, network, server, client, pool: client.pool, fate: (call) => fateOf(call, runtime) }
}

function fateOf(call: Promise<unknown>, runtime: ManualRuntime): () => string {
  let fate = 'under way'
  call.then(
    (value) => (fate = `${String(value)} at ${runtime.now()}`),
    (error: unknown) => {
      const { code, sent, message } = error as KeepwarmError
      fate = `${code} at ${runtime.now()}, sent: ${sent}: ${message}`
    },
  )
  return () => fate
}

describe('time', () => {
  test('a dial is a way there and back, and so is a request; the next one needs no dial', async () => {
    const { runtime, client, server, fate } = setup({
      latency: 5,
      answer: { after: 30, body: ['o', 'k'], every: 10 },
    })
    const first = fate(client.get('/').text())
    await runtime.run(100)
    expect(first()).toBe('ok at 60')
    const second = fate(client.get('/').text())
    await runtime.run(100)
    expect(second()).toBe('ok at 150')
    expect(server.requests.map(({ connection, at }) => [connection, at])).toEqual([
      [1, 15],
      [1, 105],
    ])
  })

  test('workers are few: whoever comes later waits at the server', async () => {
    const { runtime, client, fate } = setup({ workers: 1, answer: { after: 100, body: ['x'] } })
    const fates = [1, 2, 3].map(() => fate(client.get('/').text()))
    await runtime.run(1_000)
    expect(fates.map((fate) => fate())).toEqual(['x at 104', 'x at 204', 'x at 304'])
  })
})

describe('dials', () => {
  test.each([
    [{ fails: 'ECONNREFUSED' }, 'connect at 2'],
    [{ takes: 20_000 }, 'connect at 10000'],
    [{ hangs: true }, 'connect at 10000'],
  ])('%o', async (dial, expected) => {
    const { runtime, client, network, fate } = setup({ dial }, { acquireTimeout: 30_000 })
    const call = fate(client.get('/').text())
    await runtime.run(15_000)
    expect(call()).toContain(`${expected}, sent: no`)
    expect(network.dialing).toBe(0)
  })

  test('to nowhere', async () => {
    const { runtime, network } = setup()
    const client = new HttpClient({ runtime, network, retry: false })
    const call = fateOf(client.get('http://elsewhere/').text(), runtime)
    await runtime.run(1)
    expect(call()).toMatch(/^connect at 0, sent: no: .*ENOTFOUND/)
  })
})

describe('endings', () => {
  test.each([
    ['before the answer', { ends: 'fin' }, 'other side closed'],
    ['before the answer', { ends: 'rst' }, 'ECONNRESET'],
    ['in the middle', { ends: 'rst', parts: 1, body: ['a', 'b'], every: 5 }, 'ECONNRESET'],
  ] as const)('%s: %o', async (_, answer, message) => {
    const { runtime, client, server, pool, fate } = setup({ answer })
    const call = fate(client.post('/', { body: 'x' }).text())
    await runtime.run(100)
    expect(call()).toMatch(/^reset at \d+, sent: maybe/)
    expect(call()).toContain(message)
    expect([server.open, pool.snapshot().connections]).toEqual([0, 0])
  })

  test('connection: close is not used again, and both sides know', async () => {
    const { runtime, client, server, pool } = setup({ answer: { headers: { connection: 'close' } } })
    for (let i = 0; i < 2; i++) {
      await Promise.all([client.get('/').text(), runtime.run(50)])
    }
    expect(server.requests.map(({ connection }) => connection)).toEqual([1, 2])
    expect(pool.counters.closed).toEqual({ connection_close: 2 })
  })

  test.each(['fin', 'rst'] as const)(
    'an idle connection is closed by %s; the next request dials',
    async (closes) => {
      const { runtime, client, server, pool } = setup({ idleTimeout: 5_000, closes })
      await Promise.all([client.get('/').text(), runtime.run(6_000)])
      expect([server.open, pool.snapshot().connections]).toEqual([0, 0])
      await Promise.all([client.get('/').text(), runtime.run(50)])
      expect(server.accepted).toBe(2)
    },
  )

  test.each(['fin', 'rst'] as const)('the race: closed by %s as a request goes out on it', async (how) => {
    const { runtime, client, server, pool, fate } = setup({ latency: 5, answer: { body: ['ok'] } })
    await Promise.all([client.get('/').text(), runtime.run(50)])
    server.closeIdle(how)
    const safe = fate(client.get('/').text())
    await runtime.run(100)
    expect(safe()).toContain('ok at')
    expect(pool.counters.lostRaces).toBe(1)
    server.closeIdle(how)
    const unsafe = fate(client.post('/').text())
    await runtime.run(100)
    expect(unsafe()).toContain('reset at')
    expect(server.requests).toHaveLength(2)
  })

  test('an abort closes the connection, and the server stops its work', async () => {
    const { runtime, client, server, pool, fate } = setup({
      workers: 1,
      answer: { after: 500, body: ['ok'] },
    })
    const controller = new AbortController()
    const call = fate(client.get('/', { signal: controller.signal }).text())
    await runtime.run(100)
    controller.abort()
    await runtime.run(10)
    expect(call()).toContain('aborted at 100')
    expect([server.open, pool.counters.closed]).toEqual([0, { aborted: 1 }])
    const next = fate(client.get('/').text())
    await runtime.run(600)
    expect(next()).toContain('ok at')
  })
})

describe('HTTP/2', () => {
  const behaviour: ServerBehaviour = { protocol: 'h2', answer: { after: 20, body: ['ok'] } }

  test('requests share a session, as many as the server allows', async () => {
    const { runtime, client, server, fate } = setup({ ...behaviour, maxStreams: 3 })
    await Promise.all([client.warm(1), runtime.run(50)])
    await Promise.all([client.get('/').text(), runtime.run(50)])
    const fates = Array.from({ length: 5 }, () => fate(client.get('/').text()))
    await runtime.run(200)
    expect(fates.map((fate) => fate().slice(0, 2))).toEqual(Array(5).fill('ok'))
    expect(server.mostOpen).toBeLessThan(5)
  })

  test('after a GOAWAY what runs is finished, and new requests go elsewhere', async () => {
    const { runtime, client, server, fate } = setup(behaviour)
    const before = fate(client.get('/').text())
    await runtime.run(10)
    server.goaway()
    await runtime.run(5)
    const after = fate(client.get('/').text())
    await runtime.run(100)
    expect([before(), after()]).toEqual(['ok at 24', expect.stringContaining('ok at')])
    expect(server.requests.map(({ connection }) => connection)).toEqual([1, 2])
    expect(server.open).toBe(1)
  })

  test('streams above the last one that a GOAWAY names go again, a POST too', async () => {
    const { runtime, client, server, fate } = setup({ ...behaviour, latency: 10 })
    await Promise.all([client.get('/').text(), runtime.run(100)])
    const call = fate(client.post('/', { json: 1 }).text())
    await runtime.run(5)
    server.goaway()
    await runtime.run(200)
    expect(call()).toContain('ok at')
    expect(server.requests.map(({ method, connection }) => [method, connection])).toEqual([
      ['GET', 1],
      ['POST', 2],
    ])
  })

  test('a refused stream goes again once; a reset one fails, and the session goes on', async () => {
    let first = true
    const { runtime, client, server, fate } = setup({
      ...behaviour,
      answer: ({ path }) => {
        if (path === '/reset') return { ends: 'rst' }
        const refuses = first
        first = false
        return refuses ? { ends: 'refused' } : { body: ['ok'] }
      },
    })
    const call = fate(client.post('/').text())
    await runtime.run(50)
    const reset = fate(client.post('/reset').text())
    await runtime.run(50)
    const last = fate(client.get('/').text())
    await runtime.run(50)
    expect([call().slice(0, 2), reset().split(' ')[0], last().slice(0, 2)]).toEqual(['ok', 'protocol', 'ok'])
    expect(server.requests.map(({ processed }) => processed)).toEqual([false, true, true, true])
    expect(server.accepted).toBe(1)
  })

  test('no stream while the server allows none', async () => {
    const { runtime, client, server, fate } = setup(behaviour)
    await Promise.all([client.get('/').text(), runtime.run(50)])
    server.behave({ maxStreams: 0 })
    await runtime.run(10)
    const call = fate(client.get('/').text())
    await runtime.run(100)
    expect(call()).toBe('under way')
    server.behave({ maxStreams: 10 })
    await runtime.run(100)
    expect(call()).toContain('ok at')
  })
})

test('nothing is left of a closed client: no timer, no connection', async () => {
  const { runtime, client, server } = setup({ idleTimeout: 60_000 })
  await Promise.all([client.get('/').text(), runtime.run(50)])
  await Promise.all([client.close(), runtime.run(10)])
  expect([server.open, runtime.pending, runtime.holding]).toEqual([0, 0, 0])
})

test('a server that is not there is told by name', () => {
  expect(() => setup().network.server('http://nobody')).toThrow(
    'no server at http://nobody; there are http://one',
  )
})

test('a connection that a box on the way forgot is found out, and left', async () => {
  const { runtime, client, server, pool, fate } = setup(
    { protocol: 'h2', answer: { body: ['ok'] } },
    { timeout: 60_000, pingAfter: 4_000, pingTimeout: 1_000 },
  )
  await Promise.all([client.get('/').text(), runtime.run(50)])
  server.vanish()
  const call = fate(client.post('/').text())
  await runtime.run(10_000)
  expect(call()).toMatch(/^reset at .*sent: maybe/)
  expect([server.open, pool.snapshot().connections]).toEqual([0, 0])
})
