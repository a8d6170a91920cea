/** An error's stack begins with the line that asked, not with the socket that told of it. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { HttpClient } from '../src/index.ts'
import { clientOf, failureOf } from './support/client-tools.ts'
import { startHttp, type TestServer } from './support/servers.ts'
import { sleep } from './support/wait.ts'

let server: TestServer
let client: HttpClient

beforeAll(async () => {
  server = await startHttp((request, response) => {
    const { url } = request
    if (url === '/gone') return request.socket.destroy()
    if (url === '/missing') return void response.writeHead(404).end('no such thing')
    if (url === '/html') return void response.end('<html>')
    response.writeHead(200, { 'content-length': 9 })
    response.write('{"a":1}\n', () => request.socket.destroy()) // one byte too few
  })
  client = clientOf(server, { retry: false })
})

afterAll(async () => {
  await client.close()
  await server[Symbol.asyncDispose]()
})

const thisFile = import.meta.filename

/** The lines of the stack, after its message. */
async function stackOf(ask: () => PromiseLike<unknown>): Promise<string[]> {
  const { stack = '', message } = await failureOf(ask())
  const end = stack.indexOf(message) + message.length
  expect(stack.slice(0, end), 'the message comes first').toMatch(/^(?:\w+Error): /)
  return stack
    .slice(end + 1)
    .split('\n')
    .map((line) => line.trim())
}

/** Before the function that asked stand at most a few lines of what it called, none of them deep inside. */
function isAskedBy(caller: string, lines: readonly string[]): void {
  const line = lines.findIndex((text) => text.includes(caller) && text.includes(thisFile))
  expect(line, lines.join('\n')).not.toBe(-1)
  expect(line).toBeLessThan(7)
  for (const before of lines.slice(0, line)) expect(before).not.toMatch(/undici|\/src\/(?:exchange|pool)\//)
}

const asks: Readonly<Record<string, (path: string) => Promise<unknown>>> = {
  async text(path) {
    return [await client.get(path).text()]
  },
  async json(path) {
    return [await client.get(path).json()]
  },
  async bytes(path) {
    return [await client.get(path).bytes()]
  },
  async discard(path) {
    await client.get(path).discard()
  },
  async stream(path) {
    return [await client.get(path).stream()]
  },
  async lines(path) {
    for await (const line of client.get(path).lines()) void line
  },
  async ndjson(path) {
    for await (const line of client.get(path).ndjson()) void line
  },
  async response(path) {
    return [await client.get(path).response()]
  },
  async theCallItself(path) {
    return [await client.get(path)]
  },
  async fetch(path) {
    return [await client.fetch(server.origin + path)]
  },
}

test.each(Object.entries(asks))('%s: a call that fails shows the line that asked', async (name, ask) => {
  isAskedBy(name, await stackOf(() => ask('/gone')))
})

test.each([
  ['json', '/html'],
  ['json', '/missing'],
  ['text', '/missing'],
  ['stream', '/missing'],
  ['text', '/half'],
  ['lines', '/half'],
  ['ndjson', '/half'],
])('%s of %s: what is wrong with an answer shows it, too', async (name, path) => {
  isAskedBy(name, await stackOf(() => asks[name]!(path)))
})

test.each(['bytes', 'text', 'json'] as const)(
  'a response whose %s() breaks off shows who read',
  async (take) => {
    const response = await client.get('/half')
    async function reads(): Promise<unknown> {
      return [await response[take]()]
    }
    isAskedBy('reads', await stackOf(reads))
  },
)

test('several at once show the line that asked for them all', async () => {
  async function asksAll(): Promise<unknown> {
    return [await Promise.all([client.get('/gone').text(), client.get('/gone')])]
  }
  isAskedBy('asksAll', await stackOf(asksAll))
})

test('a line of functions that await each other is shown from the first to the last', async () => {
  async function outermost(): Promise<unknown> {
    return [await middle()]
  }
  async function middle(): Promise<unknown> {
    return [await client.get('/gone').json()]
  }
  const lines = (await stackOf(outermost)).filter((line) => !line.includes('node:internal'))
  expect(lines[0]).toContain('middle')
  expect(lines[1]).toContain('outermost')
})

test('an error that is not ours keeps the stack that it has', async () => {
  const reason = new Error('no more need')
  const stack = reason.stack
  const failure = await failureOf(client.get('/gone', { signal: AbortSignal.abort(reason) }).text())
  expect(failure.cause).toBe(reason)
  expect(reason.stack).toBe(stack)
})

test('a call that nobody has awaited when it fails still fails, and says what happened', async () => {
  const early = client.get('/gone').text()
  early.catch(() => {})
  await sleep(50)
  const { stack, message } = await failureOf(early)
  expect(stack).toContain(message)
})
