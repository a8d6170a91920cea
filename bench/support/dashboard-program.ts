/** A service that has many connections, calls now and then, and has a dashboard. */
import { setTimeout as sleep } from 'node:timers/promises'
import { HttpClient } from 'keepwarm'
import { dashboard } from '@keepwarm/dashboard'
import { answerQuestions, settingsOf } from './program.ts'

export interface DashboardSettings {
  readonly origin: string
  readonly clients: number
  /** Of all clients together. */
  readonly connections: number
  /** Of all clients together. */
  readonly callsPerSecond: number
}

/** What the service used in so many ms. */
export interface DashboardCost {
  readonly ms: number
  readonly cpu_ms: number
  readonly connections: number
}

/** Calls begin so often a second, some at once. */
const BEATS = 10

const { origin, clients: number, connections, callsPerSecond } = settingsOf<DashboardSettings>()
const each = Math.ceil(connections / number)
const clients = Array.from({ length: number }, (_, index) => {
  const limits = {
    maxConnections: each,
    maxConnectionsPerOrigin: each,
    maxIdleConnections: each,
    maxDials: each,
  }
  const times = { acquireTimeout: 60_000, idleTimeout: 3_600_000, maxIdleTimeout: 3_600_000 }
  return new HttpClient({ name: `client ${index + 1}`, baseUrl: origin, ...limits, ...times })
})
const board = dashboard(clients, { name: 'bench' })
const { url } = await board.listen()
let next = 0

/** A number: what it uses in so many ms, with all connections open. */
answerQuestions(url, async (ms: number): Promise<DashboardCost> => {
  await Promise.all(clients.map((client) => client.warm(each)))
  const beat = setInterval(callSome, 1_000 / BEATS)
  await sleep(200)
  const before = process.cpuUsage()
  const began = performance.now()
  await sleep(ms)
  const { user, system } = process.cpuUsage(before)
  const cost = { ms: performance.now() - began, cpu_ms: (user + system) / 1_000, connections: openNow() }
  clearInterval(beat)
  return cost
})

function callSome(): void {
  for (let i = 0; i < callsPerSecond / BEATS; i++) {
    clients[next++ % number]!.get('/')
      .text()
      .catch((error: unknown) => console.error(error))
  }
}

function openNow(): number {
  return clients.reduce((sum, { pool }) => sum + pool.snapshot().connections, 0)
}
