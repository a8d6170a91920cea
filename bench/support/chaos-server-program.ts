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
const all = [plain, secure, sessions, fewStreams, restarting, expired, otherName, silent, notTls]

for (const place of [plain, secure, restarting]) serveH1(place, books, strikes)
for (const place of [sessions, fewStreams]) serveH2(place, books, strikes)

const origins: Origins = {
  http: `http://127.0.0.1:${plain.port}`,
  https: `https://127.0.0.1:${secure.port}`,
  h2: `https://127.0.0.1:${sessions.port}`,
  h2_few_streams: `https://127.0.0.1:${fewStreams.port}`,
  restarting: `http://127.0.0.1:${restarting.port}`,
  refused: 'http://127.0.0.1:2', // fetch would refuse to try port 1
  expired: `https://127.0.0.1:${expired.port}`,
  other_name: `https://127.0.0.1:${otherName.port}`,
  silent: `https://127.0.0.1:${silent.port}`,
  not_tls: `https://127.0.0.1:${notTls.port}`,
}

void restartNowAndThen()
answerQuestions(origins, (): ServerCounts => {
  const sum = (field: 'connections' | 'open'): number => all.reduce((total, place) => total + place[field], 0)
  const { requests, arrivedTwice, wrongUploads } = books
  return { connections: sum('connections'), open: sum('open'), requests, arrivedTwice, wrongUploads }
})

/** For as long as the process lives. */
async function restartNowAndThen(): Promise<never> {
  for (;;) {
    await sleep(300 + Math.random() * 400)
    await restarting.restart(20 + Math.random() * 80)
  }
}
