/** From a snapshot to readings of every metric that can be had from one. */
import type { ProcessSnapshot } from '../process-snapshot.ts'
import { readClient } from './of-clients.ts'
import { readPool } from './of-pools.ts'
import { OriginNames } from './origin-names.ts'
import { Readings } from './readings.ts'

/** A pool that more clients than these share is named after the first of them. */
const NAMED = 4

/** @param origins kept from one reading to the next. */
export function readProcess(snapshot: ProcessSnapshot, origins: OriginNames = new OriginNames()): Readings {
  const into = new Readings()
  for (const client of snapshot.clients) readClient(client, origins, into)
  for (const pool of snapshot.pools) {
    const name = nameOfPool(snapshot, pool.id)
    const homes = snapshot.clients
      .filter(({ poolId }) => poolId === pool.id)
      .flatMap(({ endpoints }) => endpoints)
    readPool(pool, { name, homes }, origins, into)
  }
  readLoop(snapshot, into)
  return into
}

function readLoop({ process: { loop } }: ProcessSnapshot, into: Readings): void {
  if (loop === null) return
  into.add('nodejs.eventloop.delay.p50', {}, loop.p50 / 1_000)
  into.add('nodejs.eventloop.delay.p99', {}, loop.p99 / 1_000)
  into.add('nodejs.eventloop.delay.max', {}, loop.max / 1_000)
}

/** After whom it serves, for it has no name of its own: `orders`, or `orders+search`; `pool 3` where no client uses it. */
function nameOfPool({ clients }: ProcessSnapshot, id: number): string {
  const names = [...new Set(clients.filter(({ poolId }) => poolId === id).map(({ name }) => name))].sort()
  if (names.length === 0) return `pool ${id}`
  const rest = names.length > NAMED ? [`${names.length - NAMED} more`] : []
  return [...names.slice(0, NAMED), ...rest].join('+')
}
