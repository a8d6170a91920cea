/** The stand-ins in a thread of their own: the same to those who call them, and nothing is left of it. */
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import type { Worker } from 'node:worker_threads'
import { describe, expect, onTestFinished, test } from 'vitest'
import { startUpstreamsInThread, startUpstreamsInThreads } from '../src/upstreams/in-thread.ts'
import { freePort, tempFolder } from './app-support.ts'
import { get, openSocket, post, running, until } from './upstreams-support.ts'

test('all four start, answer as they are told, and close', async () => {
  const file = join(tempFolder(), 'freshness.db')
  const models = [{ name: 'tiny', dimensions: 4 }]
  const upstreams = await running(startUpstreamsInThread(undefined, { bridge: { file }, ollama: { models } }))
  expect(upstreams.all.map(({ name }) => name)).toEqual(['ollama', 'langextract', 'bridge', 'coordinator'])
  for (const name of ['langextract', 'bridge', 'coordinator'] as const)
    expect((await get(upstreams.get(name), '/health')).body).toMatchObject({ status: 'healthy' })
  const { body } = await post(upstreams.get('ollama'), '/api/embed', { model: 'tiny', input: 'x' })
  expect(body['embeddings']![0]).toHaveLength(4)
  await Promise.all([upstreams.close(), upstreams.close()])
  for (const { url, connections } of upstreams.all) {
    expect(connections.open).toBe(0)
    await expect(fetch(url)).rejects.toThrow('fetch failed')
  }
})

test('counts are those of the server, and move although this thread stands still', async () => {
  const upstream = (await running(startUpstreamsInThread(['ollama']))).get('ollama')
  const socket = await openSocket(upstream)
  const end = performance.now() + 5_000
  for (let round = 1; round <= 3; round++) {
    socket.write('GET /api/version HTTP/1.1\r\nhost: x\r\n\r\n')
    // Nothing else runs here until it is so.
    while (upstream.requests < round && performance.now() < end);
    expect(upstream.requests).toBe(round)
    await once(socket, 'data')
  }
  expect(upstream.connections).toEqual({ opened: 1, open: 1 })
  socket.destroy()
  await until(
    () => upstream.connections,
    ({ opened, open }) => opened === 1 && open === 0,
  )
})

test('each can be closed alone, also with connections open, and the last one ends the thread', async () => {
  const closeGrace = 60_000
  const options = { ollama: { closeGrace }, langextract: { closeGrace } }
  const made = once(process, 'worker') as Promise<[Worker]>
  const upstreams = await running(startUpstreamsInThread(['ollama', 'langextract'], options))
  const [worker] = await made
  const ended = once(worker, 'exit')
  const socket = await openSocket(upstreams.get('ollama'))
  await until(
    () => upstreams.get('ollama').connections.open,
    (open) => open === 1,
  )
  const gone = once(socket, 'close')
  await Promise.all([upstreams.get('ollama').close(), upstreams.get('ollama').close(), gone])
  expect((await get(upstreams.get('langextract'), '/health')).status).toBe(200)
  await upstreams.get('langextract').close()
  await ended
  await upstreams.close()
})

test('none at all needs no thread', async () => {
  const upstreams = await startUpstreamsInThread([])
  expect(upstreams.all).toEqual([])
  await upstreams.close()
})

test('when one cannot start, those before it are closed, and the error says which', async () => {
  const occupied = createServer()
  await once(occupied.listen(0, '127.0.0.1'), 'listening')
  const { port } = occupied.address() as { port: number }
  const ollama = { port: await freePort() }
  const starting = startUpstreamsInThread(['ollama', 'bridge'], { ollama, bridge: { port } })
  await expect(starting).rejects.toThrow(/the stand-in for bridge could not start: .*EADDRINUSE/)
  await expect(fetch(`http://127.0.0.1:${ollama.port}/`)).rejects.toThrow('fetch failed')
  occupied.close()
})

describe('a thread that fails', () => {
  const started = `
    import { parentPort } from 'node:worker_threads'
    parentPort.postMessage({ urls: new Map([['ollama', 'http://127.0.0.1:1'], ['bridge', 'http://127.0.0.1:1']]) })
  `

  /** Starts a thread that does this. */
  function thread(program: string): ReturnType<typeof startUpstreamsInThread> {
    const file = join(tempFolder(), 'thread.mjs')
    writeFileSync(file, program)
    return startUpstreamsInThread(['ollama', 'bridge'], { ollama: { closeGrace: 50 } }, pathToFileURL(file))
  }

  test.each([
    ['throws', 'throw new Error("no luck")', /stand-ins ollama, bridge failed: Error: no luck/],
    ['ends', 'process.exit(3)', /stand-ins ollama, bridge ended by itself, with code 3/],
    ['has nothing to do', '', /stand-ins ollama, bridge ended by itself, with code 0/],
  ])('at the start: it %s', async (_, program, message) => {
    await expect(thread(program)).rejects.toThrow(message)
  })

  test.each([
    ['throws', 'throw new Error("no luck")', /stand-ins ollama, bridge failed: Error: no luck/],
    ['ends', 'process.exit(3)', /stand-ins ollama, bridge ended by itself, with code 3/],
  ])('later: it %s; a warning says so, and so does closing', async (_, how, message) => {
    const warned = once(process, 'warning')
    const upstreams = await thread(`${started}; setTimeout(() => { ${how} }, 20)`)
    expect(await warned).toMatchObject([{ message: expect.stringMatching(message) }])
    await expect(upstreams.close()).rejects.toThrow(message)
    await expect(upstreams.close()).rejects.toThrow(message)
  })

  test('while it closes: closing says so, and no warning does', async () => {
    const warnings: Error[] = []
    const hear = (warning: Error): void => void warnings.push(warning)
    process.on('warning', hear)
    onTestFinished(() => void process.off('warning', hear))
    const upstreams = await thread(
      `${started}; parentPort.on('message', () => { throw new Error('no luck') })`,
    )
    await expect(upstreams.close()).rejects.toThrow(/stand-ins ollama, bridge failed: Error: no luck/)
    await setImmediate()
    expect(warnings).toEqual([])
  })

  test('one that cannot be closed is named, and the thread ends all the same', async () => {
    const upstreams = await thread(`${started}
      parentPort.on('message', (closed) => {
        const problem = closed === 'bridge' ? new Error('stuck') : undefined
        parentPort.postMessage({ closed, problem })
      })`)
    await expect(upstreams.close()).rejects.toMatchObject({
      errors: [{ message: 'bridge did not close: Error: stuck' }],
    })
  })

  test('one that never stops working is ended after the grace of its stand-ins', async () => {
    const upstreams = await thread(`${started}; parentPort.on('message', () => { for (;;); })`)
    await upstreams.close()
    await expect(upstreams.get('ollama').close()).resolves.toBeUndefined()
  })
})

test('in two threads: all are there, in order, and closing ends both', async () => {
  const upstreams = await startUpstreamsInThreads()
  expect(upstreams.all.map(({ name }) => name)).toEqual(['ollama', 'langextract', 'bridge', 'coordinator'])
  for (const { name, url } of upstreams.all) {
    expect(upstreams.get(name as 'ollama').url).toBe(url)
    expect((await fetch(name === 'ollama' ? url : `${url}/health`)).status).toBe(200)
  }
  await upstreams.close()
  for (const { url } of upstreams.all) await expect(fetch(url)).rejects.toThrow()
})

test('in two threads: when the second cannot start, the first is closed', async () => {
  await using blocker = await startUpstreamsInThread(['coordinator']).then((one) => ({
    port: Number(new URL(one.get('coordinator').url).port),
    [Symbol.asyncDispose]: () => one.close(),
  }))
  const { port } = blocker
  await expect(startUpstreamsInThreads(['ollama', 'bridge'], { bridge: { port } })).rejects.toThrow(/bridge/)
})
