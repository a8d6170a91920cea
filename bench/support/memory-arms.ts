/** Pools whose idle connections are weighed, and the bare socket that no pool can do without. */
import http from 'node:http'
import net from 'node:net'
import { ConnectionPool } from 'keepwarm'
import { Pool } from 'undici'
import { dispatchText } from './dispatch-text.ts'

export interface Holder {
  /** Makes a request; its connection is kept. */
  get(): Promise<unknown>
  /** Connections that are open and idle, as the pool itself counts them. */
  idle(): number
}

type Opener = (origin: string, connections: number) => Holder

export const memoryArms = {
  'keepwarm ConnectionPool': keepwarmPool,
  'undici Pool': undiciPool,
  'Node http.Agent': nodeAgent,
  'net.Socket alone': bareSockets,
} as const satisfies Record<string, Opener>

export type MemoryArm = keyof typeof memoryArms

function keepwarmPool(origin: string, connections: number): Holder {
  const pool = new ConnectionPool({
    maxConnections: connections,
    maxConnectionsPerOrigin: connections,
    maxIdleConnections: connections,
    maxQueue: connections,
    acquireTimeout: 60_000,
  })
  return { get: () => dispatchText(pool, origin), idle: () => pool.snapshot().idle }
}

function undiciPool(origin: string, connections: number): Holder {
  const pool = new Pool(origin, { connections })
  return { get: () => dispatchText(pool, origin), idle: () => pool.stats.free }
}

function nodeAgent(origin: string, connections: number): Holder {
  const agent = new http.Agent({ keepAlive: true, maxSockets: connections, maxFreeSockets: connections })
  const get = (): Promise<void> =>
    new Promise((resolve, reject) => {
      http.get(origin, { agent }, (response) => response.resume().on('end', resolve)).on('error', reject)
    })
  return { get, idle: () => Object.values(agent.freeSockets).flat().length }
}

/** One socket for each request: it is open, paused, and nobody knows HTTP. */
function bareSockets(origin: string): Holder {
  const { hostname, port } = new URL(origin)
  const sockets: net.Socket[] = []
  const get = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const socket = net.connect(Number(port), hostname)
      sockets.push(socket)
      socket.on('error', reject)
      socket.write(`GET / HTTP/1.1\r\nhost: ${hostname}\r\n\r\n`)
      socket.once('data', () => resolve())
    })
  return { get, idle: () => sockets.filter(({ destroyed }) => !destroyed).length }
}
