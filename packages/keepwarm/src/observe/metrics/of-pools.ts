import type { OriginSnapshot } from '../pool-snapshot.ts'
import type { ObservedPool } from '../process-snapshot.ts'
import type { OriginNames } from './origin-names.ts'
import type { Attributes, Readings } from './readings.ts'

/** For whom a pool works. */
export interface PoolOwners {
  /** That of the client that owns it, or of those that share it. */
  readonly name: string
  /** Their base URLs: shown, with nothing in it, also before the first connection and after the last. */
  readonly homes: readonly string[]
}

export function readPool(
  pool: ObservedPool,
  { name, homes }: PoolOwners,
  origins: OriginNames,
  into: Readings,
): void {
  const named = { 'keepwarm.pool.name': name }
  into.add('keepwarm.client.connection.limit', named, pool.maxConnections)
  into.add('keepwarm.client.connection.origin.limit', named, pool.maxConnectionsPerOrigin)
  into.add('keepwarm.client.connection.idle.max', named, pool.maxIdleConnections)
  readCounters(pool, named, into)
  for (const home of homes)
    readOrigin(nothing, { ...named, ...origins.attributes(new URL(home).origin) }, into)
  for (const origin of pool.origins)
    readOrigin(origin, { ...named, ...origins.attributes(origin.origin) }, into)
}

function readCounters({ counters }: ObservedPool, named: Attributes, into: Readings): void {
  into.add('keepwarm.client.connection.acquires', named, counters.requests)
  into.add('keepwarm.client.connection.reused', named, counters.reused)
  into.add('keepwarm.client.connection.opened', named, counters.opened)
  into.add('keepwarm.client.leaks', named, counters.leaks)
  into.addEach('keepwarm.client.connection.dialed', named, 'reason', counters.dialedFor)
  into.addEach('keepwarm.client.connection.closed', named, 'reason', counters.closed)
  into.addEach('keepwarm.client.connection.refused', named, 'reason', counters.refused)
  const lost = { race: counters.lostRaces, unsent: counters.lostUnsent }
  into.addEach('keepwarm.client.connection.lost', named, 'reason', lost)
}

type OriginGauges = Pick<
  OriginSnapshot,
  'connections' | 'idle' | 'dialing' | 'inFlight' | 'waiting' | 'oldestWait'
> &
  Partial<Pick<OriginSnapshot, 'limit' | 'groups'>>

const nothing: OriginGauges = { connections: 0, idle: 0, dialing: 0, inFlight: 0, waiting: 0, oldestWait: 0 }

function readOrigin(origin: OriginGauges, server: Attributes, into: Readings): void {
  const { connections, idle, dialing, inFlight, waiting, oldestWait, limit = null, groups = [] } = origin
  into.add('http.client.active_requests', server, inFlight)
  into.addEach('http.client.open_connections', server, 'http.connection.state', {
    active: connections - dialing - idle,
    idle,
  })
  into.add('keepwarm.client.connection.dialing', server, dialing)
  into.add('keepwarm.client.connection.pending_requests', server, waiting)
  into.add('keepwarm.client.connection.oldest_wait', server, oldestWait / 1_000)
  if (limit !== null) into.add('keepwarm.client.concurrency.limit', server, limit)
  for (const { group, limit: own } of groups) {
    if (own === null) continue
    into.add('keepwarm.client.concurrency.limit', { ...server, 'keepwarm.endpoint.group': group }, own)
  }
}
