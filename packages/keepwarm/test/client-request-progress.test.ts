/** How far a body is, in both directions, told by attempt. */
import type { Progress } from 'keepwarm'
import { describe, expect, test } from 'vitest'
import { clientOf, failureOf } from './support/client-tools.ts'
import { startEcho } from './support/echo.ts'
import { startHttp, startRaw, trust } from './support/servers.ts'
import { sleep } from './support/wait.ts'

/** What holds of everything that is told of one direction. */
function expectInOrder(told: readonly Progress[], total: number): void {
  const attempts = new Map<number, Progress[]>()
  for (const one of told) attempts.set(one.attempt, [...(attempts.get(one.attempt) ?? []), one])
  for (const [, steps] of attempts) {
    expect(steps[0]!.transferred).toBe(0)
    for (const [index, step] of steps.entries())
      if (index > 0) expect(step.transferred).toBeGreaterThanOrEqual(steps[index - 1]!.transferred)
  }
  expect(told.at(-1)).toMatchObject({ transferred: total, total, percent: 1 })
  expect(told.filter(({ percent }) => percent === 1).length).toBe(attempts.size)
}

async function* parts(): AsyncGenerator<string> {
  for (let part = 0; part < 5; part++) {
    await sleep(1)
    yield 'x'.repeat(100)
  }
}

describe.each(['HTTP/1.1', 'HTTP/2'] as const)('%s', (protocol) => {
  test.each([
    ['a short text', (): string => 'x'.repeat(500), 1, true],
    ['a large text', (): string => 'x'.repeat(500_000), 5, true],
    ['large bytes', (): Buffer => Buffer.alloc(500_000), 5, true],
    ['a Blob', (): Blob => new Blob(['x'.repeat(500_000)]), 5, true],
    ['a generator', (): AsyncGenerator => parts(), 5, false],
  ])('an upload of %s', async (_, body, steps, known) => {
    await using server = await startEcho(protocol)
    await using client = clientOf(server, { connect: trust })
    const told: Progress[] = []
    const onUploadProgress = (progress: Progress): number => told.push(progress)
    const got = (await client.post('/', { body: body() as string, onUploadProgress }).json()) as {
      body: string
    }
    expectInOrder(told, got.body.length)
    expect(told.length).toBeGreaterThanOrEqual(steps + 1)
    expect(told.slice(0, -1).every(({ total }) => (total !== undefined) === known)).toBe(true)
    expect(told.every(({ attempt }) => attempt === 1)).toBe(true)
  })

  test('an upload that goes again begins again, and says of which attempt it is', async () => {
    await using server = await startEcho(protocol, 2)
    await using client = clientOf(server, { connect: trust })
    const told: Progress[] = []
    const onUploadProgress = (progress: Progress): number => told.push(progress)
    await client.put('/', { body: 'x'.repeat(200_000), onUploadProgress }).text()
    expect([...new Set(told.map(({ attempt }) => attempt))]).toEqual([1, 2, 3])
    expectInOrder(told, 200_000)
  })

  test('what a listener throws ends the call, and the connection pool goes on', async () => {
    await using server = await startEcho(protocol)
    await using client = clientOf(server, { connect: trust })
    const thrown = new Error('the bar is broken')
    const fails = (): never => {
      throw thrown
    }
    expect(await failureOf(client.put('/', { body: 'x', onUploadProgress: fails }).text())).toBe(thrown)
    expect(await failureOf(client.get('/', { onDownloadProgress: fails }).text())).toBe(thrown)
    expect(await client.get('/').json()).toMatchObject({ body: '' })
  })
})

test('an upload that a redirect sends elsewhere begins again', async () => {
  await using server = await startHttp((request, response) => {
    request.resume()
    request.on('end', () => {
      if (request.url === '/to') response.end('stored')
      else response.writeHead(307, { location: '/to' }).end()
    })
  })
  await using client = clientOf(server)
  const told: Progress[] = []
  const onUploadProgress = (progress: Progress): number => told.push(progress)
  const body = new Blob(['x'.repeat(200_000)])
  expect(await client.put('/from', { body, onUploadProgress, followRedirects: true }).text()).toBe('stored')
  expect([...new Set(told.map(({ attempt }) => attempt))]).toEqual([1, 2])
  expectInOrder(told, 200_000)
})

test('a download with a length, and one without', async () => {
  await using server = await startHttp(async ({ url }, response) => {
    if (url === '/known') response.setHeader('content-length', 400_000)
    for (let part = 0; part < 4; part++) {
      response.write('x'.repeat(100_000))
      await sleep(2)
    }
    response.end()
  })
  await using client = clientOf(server)
  for (const path of ['/known', '/unknown']) {
    for (const read of ['text', 'response'] as const) {
      const told: Progress[] = []
      const call = client.get(path, { onDownloadProgress: (progress) => told.push(progress) })
      const text = read === 'text' ? await call.text() : await (await call).text()
      expect(text.length).toBe(400_000)
      expectInOrder(told, 400_000)
      expect(told[0]).toEqual({
        transferred: 0,
        total: path === '/known' ? 400_000 : undefined,
        percent: path === '/known' ? 0 : undefined,
        attempt: 1,
      })
    }
  }
})

test('a download that begins again says so', async () => {
  let asked = 0
  await using server = await startRaw((socket) => {
    socket.on('data', () => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n')
      if (++asked === 1) {
        socket.write('12345')
        setTimeout(() => socket.destroy(), 20)
      } else socket.write('1234567890')
    })
  })
  await using client = clientOf(server)
  const told: Progress[] = []
  expect(await client.get('/', { onDownloadProgress: (progress) => told.push(progress) }).text()).toBe(
    '1234567890',
  )
  expect(told.map(({ attempt, transferred }) => `${attempt}: ${transferred}`)).toEqual([
    '1: 0',
    '1: 5',
    '2: 0',
    '2: 10',
  ])
})

test('a call without a body tells of no upload, and an answer without one is complete at once', async () => {
  await using server = await startEcho('HTTP/1.1')
  await using client = clientOf(server)
  const up: Progress[] = []
  const down: Progress[] = []
  const listeners = {
    onUploadProgress: (progress: Progress): number => up.push(progress),
    onDownloadProgress: (progress: Progress): number => down.push(progress),
  }
  await client.head('/', listeners)
  await client.get('/', listeners).text()
  expect(up).toEqual([])
  expect(down.filter(({ percent }) => percent === 1).length).toBe(2)
  expect(down[1]).toMatchObject({ transferred: 0, percent: 1 })
})

test('listeners that are none are named', async () => {
  await using server = await startHttp()
  await using client = clientOf(server)
  for (const name of ['onUploadProgress', 'onDownloadProgress', 'onTrailers']) {
    const error = await failureOf(client.get('/', { [name]: 5 }).text())
    expect(error).toMatchObject({ code: 'config' })
    expect(error.message).toContain(`${name} = 5`)
  }
})
