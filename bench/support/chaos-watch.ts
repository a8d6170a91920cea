/** Looks after the laws of the chaos: again and again while it goes on, and once more when all is closed. */
import { readdirSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { median } from '@keepwarm/cli/measuring'
import type { ConnectionPool } from 'keepwarm'
import type { ServerCounts } from './chaos-books.ts'
import { narrow, type ChaosClients } from './chaos-clients.ts'
import type { Laws } from './chaos-laws.ts'
import { collectGarbage } from './collect-garbage.ts'
import type { Program } from './program.ts'

/** How long closing and what follows from it may take, in ms. */
const PATIENCE = 5_000
/** What the heap may grow by between the first and the last third of a long run, in bytes. */
const GROWTH = 4 * 1024 * 1024
/** Fewer samples say nothing about growth. */
const ENOUGH_SAMPLES = 60

/** Open files of this process; NaN where the system does not tell. */
export function descriptors(): number {
  return process.platform === 'linux' ? readdirSync('/proc/self/fd').length : NaN
}

/** What no handler hears ends up here. Returns its end. */
export function hearUnhandled(laws: Laws): () => void {
  const hear = (kind: string) => (error: unknown) => laws.break('quiet', `${kind}: ${shown(error)}`)
  const heard = ['unhandledRejection', 'uncaughtException', 'warning'] as const
  const listeners = heard.map((kind) => [kind, hear(kind)] as const)
  for (const [kind, listener] of listeners) process.on(kind as 'warning', listener)
  return () => {
    for (const [kind, listener] of listeners) process.off(kind as 'warning', listener)
  }
}

function shown(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message).slice(0, 600) : String(error)
}

/** The books of a pool come out even at every moment. */
export function checkPools({ pools }: ChaosClients, laws: Laws): void {
  for (const pool of pools) {
    const { connections, counters, idle, dialing } = pool.snapshot()
    const closed = closedOf(pool)
    laws.hold(
      'books',
      counters.dialed - closed === connections,
      () =>
        `${counters.dialed} dialed, ${closed} closed, ${connections} open (${idle} idle, ${dialing} dialing)`,
    )
  }
  const { connections, origins } = pools[0]!.snapshot()
  laws.hold('limits', connections <= narrow.maxConnections, () => `${connections} connections`)
  for (const { origin, connections: own } of origins)
    laws.hold('limits', own <= narrow.maxConnectionsPerOrigin, () => `${own} connections to ${origin}`)
}

function closedOf(pool: ConnectionPool): number {
  return Object.values(pool.counters.closed).reduce((sum, number) => sum + number, 0)
}

/** Closes everything and looks at what is left: in the pools, at the servers, in this process. */
export async function closeAll(
  { clients, pools }: ChaosClients,
  servers: Program,
  descriptorsBefore: number,
  laws: Laws,
): Promise<ServerCounts> {
  const closing = Promise.all([...clients, ...pools].map((one) => one.close()))
  const closed = await Promise.race([closing.then(() => true), sleep(PATIENCE, false)])
  laws.hold(
    'closes',
    closed,
    () => `not within ${PATIENCE} ms: ${JSON.stringify(pools.map((pool) => pool.snapshot()))}`,
  )
  if (!closed) await Promise.all(pools.map((pool) => pool.destroy()))
  for (const pool of pools) {
    const { counters, ...now } = pool.snapshot()
    const left = now.connections + now.idle + now.dialing + now.waiting + now.inFlight
    laws.hold('closes', left === 0 && counters.dialed === closedOf(pool), () => JSON.stringify(now))
  }
  let counts = await servers.ask<ServerCounts>('counts')
  const late = performance.now() + PATIENCE
  while (performance.now() < late && (counts.open > 0 || descriptors() > descriptorsBefore)) {
    await sleep(20)
    counts = await servers.ask<ServerCounts>('counts')
  }
  checkRemains(counts, descriptorsBefore, laws)
  return counts
}

function checkRemains(counts: ServerCounts, before: number, laws: Laws): void {
  const after = descriptors()
  laws.hold('sockets', counts.open === 0, () => JSON.stringify(counts.openAt))
  laws.hold('descriptors', !(after > before), () => `${before} at the start, ${after} at the end`)
  laws.hold('once', counts.arrivedTwice === 0, () => `${counts.arrivedTwice} requests`)
  laws.hold('uploads', counts.wrongUploads === 0, () => `${counts.wrongUploads} uploads`)
}

/** The heap after collections, over time. */
export class HeapWatch {
  private readonly samples: number[] = []

  async sample(): Promise<void> {
    await collectGarbage()
    this.samples.push(process.memoryUsage().heapUsed)
  }

  /** Medians of the first third, without its beginning, and of the last, in bytes. */
  get ends(): { first: number; last: number } {
    const third = Math.floor(this.samples.length / 3)
    return {
      first: median(this.samples.slice(Math.floor(third / 3), Math.max(third, 1))),
      last: median(this.samples.slice(-Math.max(third, 1))),
    }
  }

  check(laws: Laws): void {
    const { first, last } = this.ends
    const flat = this.samples.length < ENOUGH_SAMPLES || last - first < GROWTH
    laws.hold('heap', flat, () => `from ${first} to ${last} bytes`)
  }
}
