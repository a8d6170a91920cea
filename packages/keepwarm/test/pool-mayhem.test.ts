/** A process in which everything goes wrong at once: no error that nobody handles, nothing left, an end. */
import type { Socket } from 'node:net'
import { expect, test } from 'vitest'
import { runProgram } from './support/program.ts'
import { seeded } from './support/seeded.ts'
import { startRaw } from './support/servers.ts'

/** What a server does to a connection instead of answering; chance picks one. */
const wrongs: readonly ((socket: Socket) => void)[] = [
  (socket) => socket.destroy(),
  (socket) => socket.resetAndDestroy(),
  (socket) => socket.end('HTTP/1.1 20'),
  (socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n0123'),
  (socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokok'),
  (socket) => socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n'),
  (socket) => socket.write('not HTTP at all\r\n\r\n'),
  (socket) => socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n'),
  (socket) => socket.write('HTTP/1.1 100 Continue\r\n\r\n'), // and then nothing
  () => {},
  (socket) => {
    socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\nKeep-Alive: timeout=2\r\n\r\nok')
    setTimeout(() => socket.write('HTTP/1.1 408 Request Timeout\r\n\r\n'), 1)
  },
  (socket) => {
    socket.write('HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nbe')
    setTimeout(() => socket.resetAndDestroy(), 2)
  },
]

const program = `
  import { ConnectionPool } from 'keepwarm'
  import { request, fetch } from 'undici'
  const [, origin, seed] = process.argv
  let state = Number(seed)
  const chance = () => ((state = (Math.imul(state, 1103515245) + 12345) >>> 0) / 2 ** 32)
  const unhandled = []
  process.on('uncaughtException', (error) => unhandled.push(error))
  process.on('unhandledRejection', (error) => unhandled.push(error))
  process.on('warning', () => {}) // what handlers throw when they are told of errors
  const fault = new Error('the fault of a handler')
  const names = ['onRequestStart', 'onBodySent', 'onRequestSent', 'onResponseStarted', 'onResponseStart',
    'onResponseData', 'onResponseEnd', 'onResponseError']
  const pool = new ConnectionPool({ maxConnections: 8, maxIdleConnections: 2, idleGrace: 5, connectTimeout: 500 })
  let told = 0
  const bare = () => new Promise((done) => {
    const handler = { onRequestStart() {}, onResponseStart() {}, onResponseData() {} }
    handler.onResponseEnd = handler.onResponseError = () => (told++, done())
    const name = names[Math.floor(chance() * names.length)]
    const inner = handler[name]
    if (chance() < 0.3) handler[name] = () => { inner?.(); throw fault }
    pool.dispatch({ origin, path: '/', method: 'POST', body: 'x' }, handler)
    setTimeout(done, 400) // a handler that threw in the last callback, or a server that says nothing
  })
  const asked = async () => {
    const signal = AbortSignal.timeout(Math.ceil(chance() * 60))
    const how = chance() < 0.5 ? request : fetch
    try {
      const response = await how(origin, { dispatcher: pool, signal })
      if (chance() < 0.8) await (how === fetch ? response : response.body).text()
    } catch {}
    told++
  }
  const until = performance.now() + 1500
  const loop = async () => {
    while (performance.now() < until) await (chance() < 0.4 ? bare() : asked())
  }
  await Promise.all(Array.from({ length: 24 }, loop))
  await pool.close({ timeout: 50 })
  const { connections, waiting, inFlight } = pool.snapshot()
  await new Promise((resolve) => setTimeout(resolve, 50))
  for (const error of unhandled) console.log(error?.stack ?? error)
  console.log(told > 100, unhandled.length, connections, waiting, inFlight)
`

test.each([1, 2])('seed %i: nothing is unhandled, nothing is left, and the process ends', async (seed) => {
  const chance = seeded(seed)
  await using server = await startRaw((socket) => {
    if (chance() < 0.02) return void socket.destroy()
    socket.on('data', () => {
      if (chance() < 0.6) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
      else wrongs[Math.floor(chance() * wrongs.length)]!(socket)
    })
  })
  const { code, output } = await runProgram(program, server.origin, String(seed))
  const lines = output
    .trim()
    .split('\n')
    .filter((line) => !/fault of a handler|--trace-warnings/.test(line))
  expect(lines).toEqual(['true 0 0 0 0'])
  expect(code).toBe(0)
})
