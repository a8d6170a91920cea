/** All servers of the chaos, in one process. */
import { readFileSync } from 'node:fs'
import http from 'node:http'
import http2 from 'node:http2'
import https from 'node:https'
import net from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { ChaosBooks, type ServerCounts } from './chaos-books.ts'
import type { Origins } from './chaos-plan.ts'
import { serveH1, serveH2 } from './chaos-servers.ts'
import { FaultyServer } from './faulty-server.ts'
import { answerQuestions, settingsOf } from './program.ts'

/** Of the requests that name a fault: how many meet it, from 0 to 1. */
const share = settingsOf<number>()
const strikes = (): boolean => Math.random() < share
const books = new ChaosBooks()

const pem = (name: string): Buffer => readFileSync(new URL(`test-only-${name}.pem`, import.meta.url))
const key = pem('key')
const keepAliveTimeout = 3_000
const own = { key, cert: pem('cert'), keepAliveTimeout }
/** More resets than the chaos makes; Node would answer more than a few with a GOAWAY, which is another fault. */
const patient = { streamResetBurst: 1_000_000, streamResetRate: 1_000_000 }

const plain = await FaultyServer.start(http.createServer({ keepAliveTimeout }))
const secure = await FaultyServer.start(https.createServer(own))
const sessions = await FaultyServer.start(http2.createSecureServer({ ...own, ...patient }))
const narrow = { settings: { maxConcurrentStreams: 3 } }
const fewStreams = await FaultyServer.start(http2.createSecureServer({ ...own, ...narrow }))
const restarting = await FaultyServer.start(http.createServer({ keepAliveTimeout }))
const expired = await FaultyServer.start(https.createServer({ key, cert: pem('expired-cert') }))
const otherName = await FaultyServer.start(https.createServer({ key, cert: pem('other-name-cert') }))
const silent = await FaultyServer.start(net.createServer((socket) => void socket.resume()))
const notTls = await FaultyServer.start(
  net.createServer((socket) => socket.resume().end('220 no TLS here\r\n')),
)
const servers = {
  http: plain,
  https: secure,
  h2: sessions,
  h2_few_streams: fewStreams,
  restarting,
  expired,
  other_name: otherName,
  silent,
  not_tls: notTls,
}
const all = Object.entries(servers)
for (const place of [plain, secure, restarting]) serveH1(place, books, strikes)
for (const place of [sessions, fewStreams]) serveH2(place, books, strikes)

const origins = Object.fromEntries([
  ...all.map(([name, { port }]) => [
    name,
    `${name === 'http' || name === 'restarting' ? 'http' : 'https'}://127.0.0.1:${port}`,
  ]),
  ['refused', 'http://127.0.0.1:2'], // nobody's; fetch would not even try port 1
]) as Origins

void restartNowAndThen()
answerQuestions(origins, (): ServerCounts => {
  const { requests, arrivedTwice, wrongUploads } = books
  const held = all.map(([name, place]) => [name, place.held] as const)
  const open = held.reduce((sum, [, count]) => sum + count, 0)
  const connections = all.reduce((sum, [, place]) => sum + place.connections, 0)
  const openAt = Object.fromEntries(held.filter(([, count]) => count > 0))
  return { connections, open, openAt, requests, arrivedTwice, wrongUploads }
})

/** For as long as the process lives. */
async function restartNowAndThen(): Promise<never> {
  for (;;) {
    await sleep(300 + Math.random() * 400)
    await restarting.restart(20 + Math.random() * 80)
  }
}
