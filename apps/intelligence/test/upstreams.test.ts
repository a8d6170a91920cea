import { once } from 'node:events'
import { createServer } from 'node:net'
import { describe, expect, test } from 'vitest'
import { closeAll, startOllama, startUpstreams, type Upstream } from '../src/upstreams/index.ts'
import { get, openSocket, post, running, until } from './upstreams-support.ts'

describe('startUpstreams', () => {
  test('starts all four, each on its own port, and closes them', async () => {
    const upstreams = await running(startUpstreams())
    expect(upstreams.all.map(({ name }) => name)).toEqual(['ollama', 'langextract', 'bridge', 'coordinator'])
    expect(new Set(upstreams.all.map(({ url }) => url)).size).toBe(4)
    for (const upstream of upstreams.all) {
      expect(upstream.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
      expect((await get(upstream, upstream.name === 'ollama' ? '/' : '/health')).status).toBe(200)
    }
    await upstreams.close()
    for (const { url } of upstreams.all) await expect(fetch(url)).rejects.toThrow('fetch failed')
  })

  test('starts a subset, with options, and says which one is missing', async () => {
    const upstreams = await running(
      startUpstreams(['ollama'], { ollama: { models: [{ name: 'tiny', dimensions: 4 }] } }),
    )
    expect((await get(upstreams.get('ollama'), '/api/tags')).body['models']![0]!['name']).toBe('tiny:latest')
    expect(() => upstreams.get('bridge')).toThrow('bridge was not started; running: ollama')
  })

  test('when one cannot start, closes those before it and says which', async () => {
    const occupied = createServer().listen(0, '127.0.0.1')
    await once(occupied, 'listening')
    const { port } = occupied.address() as { port: number }
    const free = await startOllama()
    const ollamaPort = Number(new URL(free.url).port)
    await free.close()
    const starting = startUpstreams(['ollama', 'bridge'], { ollama: { port: ollamaPort }, bridge: { port } })
    await expect(starting).rejects.toThrow(/the stand-in for bridge could not start: .*EADDRINUSE/)
    await expect(fetch(`http://127.0.0.1:${ollamaPort}/`)).rejects.toThrow('fetch failed')
    occupied.close()
  })

  test('closes the others, the last first, when one fails, and names it', async () => {
    const order: string[] = []
    const fake = (name: string, fail: boolean): Upstream => ({
      name,
      url: '',
      connections: { opened: 0, open: 0 },
      requests: 0,
      close: async () => {
        order.push(name)
        if (fail) throw new Error('stuck')
      },
    })
    const closing = closeAll([fake('a', false), fake('b', true), fake('c', false)])
    await expect(closing).rejects.toMatchObject({ errors: [{ message: 'b did not close: Error: stuck' }] })
    expect(order).toEqual(['c', 'b', 'a'])
  })
})

describe('every stand-in', () => {
  test('counts connections and requests at its own sockets', async () => {
    const upstream = await running(startOllama())
    const socket = await openSocket(upstream)
    await until(
      () => upstream.connections.open,
      (open) => open === 1,
    )
    expect(upstream.requests).toBe(0)
    for (let round = 1; round <= 2; round++) {
      socket.write('GET /api/version HTTP/1.1\r\nhost: x\r\n\r\n')
      await once(socket, 'data')
      expect(upstream.requests).toBe(round)
    }
    expect(upstream.connections).toEqual({ opened: 1, open: 1 })
    socket.destroy()
    await until(
      () => upstream.connections.open,
      (open) => open === 0,
    )
    expect(upstream.connections.opened).toBe(1)
  })

  test('keeps an idle connection for five seconds unless told otherwise, and says so', async () => {
    const upstream = await running(startOllama())
    expect((await get(upstream, '/')).headers.get('keep-alive')).toBe('timeout=5')
    const brief = await running(startOllama({ keepAliveTimeout: 2000 }))
    expect((await get(brief, '/')).headers.get('keep-alive')).toBe('timeout=2')
  })

  test('closes promptly with idle connections open, used and unused, and closing twice is the same', async () => {
    const upstream = await running(startOllama({ closeGrace: 60_000 }))
    const unused = await openSocket(upstream)
    const used = await openSocket(upstream)
    used.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n')
    await once(used, 'data')
    const gone = Promise.all([once(unused, 'close'), once(used, 'close')])
    // The grace is a minute: only prompt closing ends this test in time.
    await Promise.all([upstream.close(), upstream.close(), gone])
    expect(upstream.connections.open).toBe(0)
  })

  test('lets a running request finish while it closes, and then ends its connection', async () => {
    const upstream = await running(startOllama({ latency: 100, closeGrace: 60_000 }))
    const answering = post(upstream, '/api/embed', { model: 'nomic-embed-text', input: 'x' })
    await until(
      () => upstream.requests,
      (requests) => requests === 1,
    )
    await upstream.close()
    expect((await answering).status).toBe(200)
  })

  test('cuts a request off that outlasts the grace', async () => {
    const upstream = await running(startOllama({ latency: 60_000, closeGrace: 20 }))
    const answering = post(upstream, '/api/embed', { model: 'nomic-embed-text', input: 'x' })
    const failed = expect(answering).rejects.toThrow('fetch failed')
    await until(
      () => upstream.requests,
      (requests) => requests === 1,
    )
    await upstream.close()
    await failed
  })

  test.each([
    ['ollama', '/api/embed', ['error']],
    ['langextract', '/extract/document', ['detail']],
    ['bridge', '/database/execute', ['message']],
    ['coordinator', '/api/workflows/trigger', ['detail']],
  ] as const)(
    '%s refuses a body that is too large, or no JSON, in its own words',
    async (name, path, [field]) => {
      const options = { [name]: { bodyLimit: 1000 } }
      const upstream = (await running(startUpstreams([name], options))).get(name)
      const large = await post(upstream, path, JSON.stringify({ content: 'x'.repeat(2000) }))
      expect(large.status).toBe(413)
      expect(large.body[field]).toContain('larger than 1000 bytes')
      const broken = await post(upstream, path, '{"model":')
      expect(broken.status).toBe(400)
      expect(broken.body[field]).toContain('JSON')
      const unknown = await get(upstream, '/nowhere')
      expect(unknown.status).toBe(404)
      expect(unknown.body[field]).toBe('no such path: GET /nowhere')
    },
  )

  test('takes 16 MiB by default and no more', async () => {
    const upstream = await running(startOllama())
    const text = (size: number): string =>
      JSON.stringify({ model: 'nomic-embed-text', input: 'a'.repeat(size) })
    expect((await post(upstream, '/api/embed', text(16 * 1024 * 1024))).status).toBe(413)
    expect((await post(upstream, '/api/embed', text(16 * 1024 * 1024 - 100))).status).toBe(200)
  })
})
