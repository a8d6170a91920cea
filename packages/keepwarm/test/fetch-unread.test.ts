/** Bodies that nobody reads, or not at once: they slow the sender down, and hold no connection for ever. */
import { expect, test } from 'vitest'
import { clientOf } from './support/client-tools.ts'
import { collected, heapInUse } from './support/memory.ts'
import { startHttp, type TestServer } from './support/servers.ts'
import { eventually, sleep } from './support/wait.ts'

const SIZE = 32 * 1024 * 1024

/** A server that sends a body as fast as it is taken, and counts what it got rid of. */
async function sender(): Promise<TestServer & { sent: number }> {
  const counted = { sent: 0 }
  const part = Buffer.alloc(65_536, 'x')
  const server = await startHttp((_, response) => {
    response.on('error', () => {})
    const send = (): void => {
      while (counted.sent < SIZE && !response.destroyed) {
        counted.sent += part.length
        if (!response.write(part)) return void response.once('drain', send)
      }
      response.end()
    }
    send()
  })
  return Object.defineProperty(server, 'sent', { get: () => counted.sent }) as never
}

async function stands(server: { sent: number }): Promise<number> {
  for (let before = -1; before !== server.sent; await sleep(40)) before = server.sent
  return server.sent
}

test('a body that is not read makes the server wait, and is there when it is read', async () => {
  await using server = await sender()
  await using client = clientOf(server, { bodyIdleTimeout: 60_000 })
  const response = await client.fetch('/')
  expect(await stands(server)).toBeLessThan(SIZE)
  expect((await response.arrayBuffer()).byteLength).toBe(SIZE)
})

test('a stream that is read slowly makes the server wait', async () => {
  await using server = await sender()
  await using client = clientOf(server, { bodyIdleTimeout: 60_000 })
  const reader = (await client.fetch('/')).body!.getReader()
  let read = (await reader.read()).value!.length
  expect(await stands(server)).toBeLessThan(SIZE)
  for (let part = await reader.read(); !part.done; part = await reader.read()) read += part.value.length
  expect(read).toBe(SIZE)
})

test('a stream that is cancelled lets its connection go', async () => {
  await using server = await sender()
  await using client = clientOf(server)
  const { body } = await client.fetch('/')
  await body!.cancel()
  await eventually(() => server.open === 0, 'the connection is closed')
  expect(client.getMetrics()).toMatchObject({ cancelled_requests: 1, failed_requests: 0 })
})

test('a response that is garbage collected unread lets its connection go', async () => {
  await using server = await sender()
  await using client = clientOf(server, { timeout: 60_000 })
  await client.fetch('/') // and nobody keeps it
  await collected(() => server.open === 0, 'the response')
  expect(client.pool.snapshot().inFlight).toBe(0)
})

test('so does its stream, when nobody reads it any more', async () => {
  await using server = await sender()
  await using client = clientOf(server, { timeout: 60_000 })
  await (async () => {
    const reader = (await client.fetch('/')).body!.getReader()
    await reader.read()
  })()
  await collected(() => server.open === 0, 'the stream')
})

test('whoever holds the stream needs no response', async () => {
  await using server = await sender()
  await using client = clientOf(server, { timeout: 60_000 })
  let gone = false
  const registry = new FinalizationRegistry(() => (gone = true))
  const body = await (async () => {
    const response = await client.fetch('/')
    registry.register(response, 0)
    return response.body!
  })()
  await collected(() => gone, 'the response')
  await sleep(20)
  let read = 0
  for await (const part of body) read += part.length
  expect(read).toBe(SIZE)
})

test('and whoever waits for the whole needs neither', async () => {
  await using server = await sender()
  await using client = clientOf(server, { timeout: 60_000 })
  const text = client.fetch('/').then((response) => response.text())
  await collected(() => server.sent >= SIZE / 16, 'nothing, but something has come')
  expect((await text).length).toBe(SIZE)
})

test('responses that nobody reads are no leak', async () => {
  await using server = await startHttp((_, response) => void response.end('x'.repeat(20_000)))
  await using client = clientOf(server)
  const several = async (): Promise<number> => {
    for (let call = 0; call < 300; call++) await client.fetch('/')
    return heapInUse()
  }
  await several()
  const before = await several()
  expect((await several()) - before).toBeLessThan(1_000_000)
  expect(server.total).toBe(1)
})
