/** Sockets of HTTP/1.1 are read without a stream in between: what they must do all the same. */
import { once } from 'node:events'
import net, { type Socket } from 'node:net'
import { setImmediate as breathe } from 'node:timers/promises'
import tls from 'node:tls'
import { ConnectionPool } from 'keepwarm'
import { buildConnector, request, upgrade } from 'undici'
import { expect, test } from 'vitest'
import { onread, readAsStream, readDirectly, remembering } from '../src/pool/direct-read.ts'
import { startHttp, startHttps, startRaw, trust, type TestServer } from './support/servers.ts'
import { eventually, soon } from './support/wait.ts'

/** A socket that a connector made which was given `onread`, and the server's side of it. */
async function pair(server: TestServer, secure = false): Promise<{ near: Socket; far: Socket }> {
  const dial = remembering(
    buildConnector({ ...trust, allowH2: false, onread } as buildConnector.BuildOptions),
  )
  const { origin, port } = server
  const to = { hostname: '127.0.0.1', host: `127.0.0.1:${port}`, port: String(port) }
  const near = await new Promise<Socket>((resolve, reject) =>
    dial({ ...to, protocol: secure ? 'https:' : 'http:' }, (error, socket) =>
      error === null ? resolve(socket) : reject(error),
    ),
  )
  await eventually(() => server.sockets.size > 0, `${origin} has it`)
  return { near, far: [...server.sockets].at(-1)! }
}

const silent = (): Promise<TestServer> => startRaw(() => {})

/** What `read()` gives until it has nothing more. */
function readAll(socket: Socket): string {
  let text = ''
  for (let chunk: Buffer | null; (chunk = socket.read() as Buffer | null) !== null;) text += chunk.toString()
  return text
}

test('what came is there in the moment in which the event is, and nothing of it goes through the stream', async () => {
  await using server = await silent()
  const { near, far } = await pair(server)
  readDirectly(near)
  let text = ''
  near.on('readable', () => {
    expect(near.readableLength).toBe(0)
    text += readAll(near)
  })
  for (const word of ['one ', 'two ', 'three']) {
    far.write(word)
    await eventually(() => text.endsWith(word), word)
  }
  expect(text).toBe('one two three')
  near.destroy()
})

test('Node calls back as a method of the socket, over TLS too', async () => {
  await using server = await startHttps()
  const { near } = await pair(server, true)
  expect(near).toBeInstanceOf(tls.TLSSocket)
  readDirectly(near)
  let text = ''
  near.on('readable', () => (text += readAll(near)))
  near.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n')
  await eventually(() => text.includes('hello'), 'the answer')
  expect(near.readableLength).toBe(0)
  near.destroy()
})

test('chunks that are kept do not change when others come', async () => {
  await using server = await silent()
  const { near, far } = await pair(server)
  readDirectly(near)
  const kept: Buffer[] = []
  near.on('readable', () => {
    for (let chunk: Buffer | null; (chunk = near.read() as Buffer | null) !== null;) kept.push(chunk)
  })
  for (let i = 0; i < 20; i++) {
    far.write(`${String(i).padStart(2, '0')};`)
    await eventually(() => kept.length > i, 'a chunk')
  }
  expect(Buffer.concat(kept).toString()).toBe(
    Array.from({ length: 20 }, (_, i) => `${String(i).padStart(2, '0')};`).join(''),
  )
  near.destroy()
})

test('who does not read stops the server, and gets all of it afterwards, and the end last', async () => {
  const size = 32 * 1024 * 1024
  await using server = await silent()
  const { near, far } = await pair(server)
  readDirectly(near)
  near.on('readable', () => {})
  let ended = false
  near.on('end', () => (ended = true))
  far.end(Buffer.alloc(size, 'x'))
  await eventually(() => near.bytesRead > 0, 'the first bytes')
  let before = -1
  while (near.bytesRead !== before) {
    before = near.bytesRead
    for (let turn = 0; turn < 200; turn++) await breathe()
  }
  expect(near.bytesRead).toBeLessThanOrEqual(2 * 65_536)
  let got = 0
  while (got < size) {
    got += readAll(near).length
    if (got < size) expect(ended).toBe(false)
    await breathe()
  }
  await eventually(() => ended, 'the end')
  near.destroy()
})

test('an end that came before all was read is told after it', async () => {
  await using server = await silent()
  const { near, far } = await pair(server)
  readDirectly(near)
  near.on('readable', () => {})
  let ended = false
  near.on('end', () => (ended = true))
  far.end('the last words')
  await eventually(() => near.bytesRead === 14, 'the words')
  for (let turn = 0; turn < 50; turn++) await breathe()
  expect(ended).toBe(false)
  expect(readAll(near)).toBe('the last words')
  await eventually(() => ended, 'the end')
  near.destroy()
})

test('what is put back is read first', async () => {
  await using server = await silent()
  const { near, far } = await pair(server)
  readDirectly(near)
  near.on('readable', () => {})
  far.write('c')
  await eventually(() => near.bytesRead === 1, 'a byte')
  near.unshift(Buffer.from('b'))
  near.unshift(Buffer.from('a'))
  near.unshift(Buffer.alloc(0))
  expect(readAll(near)).toBe('abc')
  near.destroy()
})

test('as a stream again it has all that was not read, in order, and goes on', async () => {
  await using server = await silent()
  const { near, far } = await pair(server)
  readDirectly(near)
  near.on('readable', () => {})
  for (const word of ['one ', 'two ']) {
    far.write(word)
    const { bytesRead } = near
    await eventually(() => near.bytesRead > bytesRead, word)
  }
  near.removeAllListeners('readable')
  readAsStream(near)
  let text = ''
  near.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
  far.end('three')
  await soon(once(near, 'end'), 'the end')
  expect(text).toBe('one two three')
})

test('a socket of somebody else’s connector stays a stream', async () => {
  await using server = await startHttp()
  await using pool = new ConnectionPool({
    connect: (options, callback) => {
      const socket = net.connect(Number(options.port), options.hostname)
      socket.once('connect', () => callback(null, socket))
    },
  })
  const { body } = await request(server.origin, { dispatcher: pool })
  expect(await body.text()).toBe('hello')
})

test('a server that speaks at once after an upgrade is heard in order, however it cuts its words', async () => {
  const words = Array.from({ length: 40 }, (_, i) => `word ${i};`)
  await using server = await startRaw((socket) => {
    socket.setNoDelay(true)
    socket.once('data', () => {
      socket.write(
        `HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: words\r\n\r\n${words[0]}`,
      )
      for (const word of words.slice(1)) socket.write(word)
      socket.end()
    })
  })
  await using pool = new ConnectionPool()
  const { socket } = await upgrade(server.origin, { protocol: 'words', dispatcher: pool })
  let text = ''
  for await (const chunk of socket) text += String(chunk)
  expect(text).toBe(words.join(''))
})

test('a reader that pauses in the middle of an answer gets every byte of it, once', async () => {
  const whole = Buffer.from(Array.from({ length: 600_000 }, (_, i) => i % 251))
  await using server = await startRaw((socket) => {
    socket.once('data', () => {
      socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${whole.length}\r\n\r\n`)
      socket.end(whole)
    })
  })
  await using pool = new ConnectionPool()
  const { body } = await request(server.origin, { dispatcher: pool, highWaterMark: 1_000 })
  const parts: Buffer[] = []
  for await (const part of body) {
    parts.push(part as Buffer)
    await breathe()
  }
  expect(Buffer.concat(parts).equals(whole)).toBe(true)
})
