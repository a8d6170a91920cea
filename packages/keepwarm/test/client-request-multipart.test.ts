/** FormData: what the server receives, with files from disk. */
import { openAsBlob } from 'node:fs'
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { FormData as UndiciFormData } from 'undici'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { clientOf, failureOf } from './support/client-tools.ts'
import { startEcho, type Got } from './support/echo.ts'
import { startHttp, trust } from './support/servers.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keepwarm-'))
})
afterAll(() => rm(folder, { recursive: true }))

const parsed = ({ headers, body }: Got): Promise<FormData> =>
  new Response(new Blob([Buffer.from(body, 'latin1')]), {
    headers: { 'content-type': headers['content-type']! },
  }).formData()

test.each(['HTTP/1.1', 'HTTP/2'] as const)(
  '%s: texts and files, with a length, and the same again',
  async (protocol) => {
    await using server = await startEcho(protocol, 1)
    await using client = clientOf(server, { connect: trust })
    const path = join(folder, 'report.bin')
    await writeFile(path, Buffer.alloc(200_000, 7))
    for (const form of [new FormData(), new UndiciFormData()]) {
      form.append('title', 'Q3 "grün"')
      form.append('file', await openAsBlob(path, { type: 'application/pdf' }), 'r"x\r\n.pdf')
      const got = (await client.put('/', { body: form as FormData }).json()) as Got
      expect(got.headers['content-length']).toBe(String(got.body.length))
      const read = await parsed(got)
      expect(read.get('title')).toBe('Q3 "grün"')
      const file = read.get('file') as File
      expect([file.name, file.type, file.size]).toEqual(['r"x\r\n.pdf', 'application/pdf', 200_000])
    }
    expect(server.requests).toBe(3)
  },
)

test('two calls have two boundaries', async () => {
  await using server = await startEcho('HTTP/1.1')
  await using client = clientOf(server)
  const form = new FormData()
  const types = await Promise.all(
    [1, 2].map(async () => ((await client.post('/', { body: form }).json()) as Got).headers['content-type']),
  )
  expect(types[0]).not.toBe(types[1])
})

test('a large file goes through without being held in memory', async () => {
  let arrived = 0
  await using server = await startHttp((request, response) => {
    request.on('data', (chunk: Buffer) => (arrived += chunk.length)).on('end', () => response.end('stored'))
  })
  await using client = clientOf(server)
  const path = join(folder, 'large.bin')
  await writeFile(path, '')
  await truncate(path, 256 * 1024 * 1024)
  const form = new FormData()
  form.append('file', await openAsBlob(path), 'large.bin')
  const before = process.memoryUsage()
  let most = 0
  const watch = setInterval(() => {
    const { heapUsed, external, arrayBuffers } = process.memoryUsage()
    most = Math.max(most, heapUsed + external + arrayBuffers)
  }, 5)
  expect(await client.post('/', { body: form, timeout: 60_000 }).text()).toBe('stored')
  clearInterval(watch)
  expect(arrived).toBeGreaterThan(256 * 1024 * 1024)
  expect(most - before.heapUsed - before.external - before.arrayBuffers).toBeLessThan(128 * 1024 * 1024)
}, 60_000)

test('a file that changed since it was opened fails the call, and the connection is not used again', async () => {
  await using server = await startEcho('HTTP/1.1')
  await using client = clientOf(server)
  const path = join(folder, 'changing.bin')
  await writeFile(path, 'abcdef')
  const form = new FormData()
  form.append('file', await openAsBlob(path))
  await writeFile(path, 'abcdef and more')
  const error = await failureOf(client.post('/', { body: form }).text())
  expect(error).toMatchObject({ code: 'invalid_request', cause: { name: 'NotReadableError' } })
  expect(await client.get('/').json()).toMatchObject({ body: '' })
})

test('a connection that is lost in the middle: PUT goes again from its first byte, POST does not', async () => {
  let losses = 1
  await using server = await startHttp(async (request, response) => {
    if (losses > 0) {
      losses--
      request.once('data', () => request.socket.destroy())
      return
    }
    let bytes = 0
    for await (const part of request) bytes += (part as Buffer).length
    response.end(`${bytes} of ${request.headers['content-length']}`)
  })
  await using client = clientOf(server)
  const path = join(folder, 'lost.bin')
  await writeFile(path, Buffer.alloc(3_000_000))
  const form = new FormData()
  form.append('file', await openAsBlob(path))
  expect(await client.put('/', { body: form }).text()).toMatch(/^(\d{7}) of \1$/)
  losses = 1
  const error = await failureOf(client.post('/', { body: form }).text())
  expect(error).toMatchObject({ code: 'reset', sent: 'maybe' })
  expect(error.attempts.length).toBe(1)
})
