/** Every client does what it is measured for: its answers are those of the server, and it keeps connections where it says so. */
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { OpenPeer, PeerClient } from '../support/peers-client.ts'
import type { PeerOrder, PeerSample } from '../support/peers-order.ts'
import { findCommands, runPeer } from '../support/peers-processes.ts'
import { peerNames, roster, type PeerName } from '../support/peers-roster.ts'
import { workloads } from '../support/peers-workloads.ts'

const large = 'x'.repeat(300_000)
let [connections, origin] = [0, '']
const server = http.createServer(answer)
server.on('connection', () => connections++)

beforeAll(async () => {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})

/** `/large` a long text; else what was sent: the method, the type and the member `n` of a JSON body. */
async function answer(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
  let body = ''
  for await (const part of request.setEncoding('utf8')) body += part
  if (request.url === '/large') return void response.end(large)
  const { n = '' } = body === '' ? {} : (JSON.parse(body) as { n?: string })
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify({ method: request.method, type: request.headers['content-type'] ?? '', n }))
}

const scripted = peerNames.filter((name) => roster[name].file.endsWith('.ts'))

describe.each(scripted)('%s', (name) => {
  let client: PeerClient
  beforeAll(async () => {
    const { arms } = (await import(/* @vite-ignore */ `./${roster[name].file}`)) as {
      arms: Record<string, OpenPeer>
    }
    client = arms[name]!({ origin, connections: 2, callers: 4 })
  })
  afterAll(async () => void (await client.close()))

  test('gives the text of a GET, over few connections where it keeps them', async () => {
    const before = connections
    const calls = 8
    for (let call = 0; call < calls; call++) {
      expect(JSON.parse(await client.text('/small'))).toEqual({ method: 'GET', type: '', n: '' })
    }
    const each = name === "Node's http, a connection each"
    expect(connections - before).toBeLessThanOrEqual(each ? calls : 2)
    if (each) expect(connections - before).toBe(calls)
  })

  test('posts JSON, and streams, where it is measured so', async () => {
    if (client.json !== undefined) {
      const posted = { method: 'POST', type: expect.stringContaining('application/json'), n: 'seven' }
      expect(await client.json('/', { n: 'seven' })).toEqual(posted)
    }
    if (client.fetch !== undefined)
      expect(await fetched(client)).toMatchObject({ method: 'POST', n: 'eight' })
    if (client.stream !== undefined) expect(await lengthOf(await client.stream('/large'))).toBe(large.length)
    expect(measuredBy(name).filter((kind) => !can(client, kind))).toEqual([])
  })
})

function fetched(client: PeerClient): Promise<unknown> {
  const headers = { 'Content-Type': 'application/json' }
  const { signal } = new AbortController()
  const body = JSON.stringify({ n: 'eight' })
  return client.fetch!(`${origin}/`, { method: 'POST', headers, body, signal }).then((found) => found.json())
}

async function lengthOf(body: AsyncIterable<Uint8Array>): Promise<number> {
  let length = 0
  for await (const chunk of body) length += chunk.length
  return length
}

function measuredBy(name: PeerName): PeerOrder['kind'][] {
  return workloads.filter(({ arms }) => arms.includes(name)).map(({ kind }) => kind)
}

/** A client without `fetch` posts without one, and says so in the table. */
function can(client: PeerClient, kind: PeerOrder['kind']): boolean {
  if (kind === 'text') return true
  return (kind === 'stream' ? client.stream : client.json) !== undefined
}

const order: Omit<PeerOrder, 'arm' | 'kind' | 'origin' | 'path'> = {
  bytes: large.length,
  value: { n: 'nine' },
  member: ['n', 'nine'],
  callers: 3,
  connections: 2,
  warmUp: 5,
  measured: 20,
  slices: 2,
}
const { commands, missing } = findCommands(['keepwarm client', 'Go net/http', 'Python httpx'])
const processes = Object.entries(commands) as [PeerName, readonly [string, ...string[]]][]

describe.each(processes)('%s, as a process', { timeout: 30_000 }, (arm, command) => {
  test.each(['text', 'stream', 'json', 'burst'] as const)(
    '%s: answers are right, and all are counted',
    async (kind) => {
      const sample = await runPeer(command, { ...order, arm, kind, origin, path: pathOf(kind) }, undefined)
      expectSample(sample)
      expect(sample.errors, sample.first_error).toBe(0)
      if (kind === 'burst') expect([sample.requests, sample.sent % 3]).toEqual([6, 0])
    },
  )

  test('a wrong answer is an error that says so, and is counted', async () => {
    const wrong = await runPeer(
      command,
      { ...order, arm, kind: 'text', origin, path: '/large', bytes: 1 },
      undefined,
    )
    expect(wrong.errors).toBe(wrong.requests)
    expect(wrong.first_error).toContain('the body has 300000 bytes; 1 were sent')
    const absent = await runPeer(
      command,
      { ...order, arm, kind: 'json', origin, path: '/', member: ['n', 'x'] },
      undefined,
    )
    expect(absent.errors).toBe(absent.requests)
    expect(absent.first_error).toContain('the answer has no n x')
  })
})

function pathOf(kind: PeerOrder['kind']): string {
  return kind === 'text' || kind === 'stream' ? '/large' : '/'
}

function expectSample(sample: PeerSample): void {
  expect(sample.requests).toBeGreaterThanOrEqual(3)
  expect(sample.sent).toBeGreaterThan(sample.requests)
  expect(sample.cpu.map((value) => value > 0)).toEqual([true, true])
  expect(sample.wall.map((value) => value > 0)).toEqual([true, true])
  expect(sample.p50).toBeLessThanOrEqual(sample.p99)
  expect(sample.p99).toBeLessThanOrEqual(sample.p999)
  expect(sample.peak_rss_kb).toBeGreaterThan(1_000)
}

test('each client has its file, and each file its clients', async () => {
  const files = readdirSync(import.meta.dirname).filter((file) => /^[a-z]+\.ts$/.test(file))
  const held = await Promise.all(
    files.map(async (file) =>
      Object.keys(((await import(/* @vite-ignore */ `./${file}`)) as { arms: object }).arms),
    ),
  )
  expect(held.flat().toSorted()).toEqual(scripted.toSorted())
  expect(
    missing.every((line) => /^(Go net\/http|Python httpx) is left out: .*Debian: apt-get/.test(line)),
  ).toBe(true)
})
