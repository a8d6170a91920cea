/** A client's connections, out of the pool that it uses. */
import type { SeriesName } from './series.ts'
import type { WireClient, WireConnection, WireOrigin, WirePool, WireSnapshot } from '../wire.ts'

/** What is drawn: connections of a limit, or, with HTTP/2, requests side by side on few sessions. */
export interface Places {
  readonly kind: 'connections' | 'streams'
  readonly used: number
  readonly idle: number
  readonly dialing: number
  /** Connections, or sessions, in all. */
  readonly open: number
  readonly limit: number | null
  readonly waiting: number
  /** Milliseconds. */
  readonly oldestWait: number
  /** What those who wait wait for, in the name of an option. */
  readonly blockedBy: string | undefined
}

export function poolOf({ pools }: WireSnapshot, { poolId }: WireClient): WirePool | undefined {
  return pools.find(({ id }) => id === poolId)
}

/** Where it calls: its base URLs, and where it was sent besides. */
export function originsOf({ endpoints, guards }: WireClient): ReadonlySet<string> {
  return new Set([...endpoints.map(originOf), ...guards.map(({ origin }) => origin)])
}

export function connectionsOf(snapshot: WireSnapshot, client: WireClient): readonly WireConnection[] {
  const origins = originsOf(client)
  const listed = poolOf(snapshot, client)?.connectionList ?? []
  return listed.filter(({ origin }) => origins.has(origin))
}

/** Those of its pool's origins that it calls; others may share them. */
export function poolOriginsOf(snapshot: WireSnapshot, client: WireClient): readonly WireOrigin[] {
  const wanted = originsOf(client)
  return poolOf(snapshot, client)?.origins.filter(({ origin }) => wanted.has(origin)) ?? []
}

/** Connections at this moment as the history has them, also with HTTP/2. Waiting in ms. */
export function gaugesOf(
  snapshot: WireSnapshot,
  client: WireClient,
): Readonly<Partial<Record<SeriesName, number>>> {
  const origins = poolOriginsOf(snapshot, client)
  const { idle, dialing, open, waiting, oldestWait } = placesOf(snapshot, client)
  const limit = connectionLimit(poolOf(snapshot, client), origins, client)
  return {
    inUse: open - idle - dialing,
    idle,
    dialing,
    waiting,
    oldestWait,
    ...(limit !== null && { limit }),
  }
}

export function placesOf(snapshot: WireSnapshot, client: WireClient): Places {
  const pool = poolOf(snapshot, client)
  const origins = poolOriginsOf(snapshot, client)
  const sum = (what: (origin: WireOrigin) => number): number =>
    origins.reduce((total, origin) => total + what(origin), 0)
  const shared = {
    idle: sum(({ idle }) => idle),
    dialing: sum(({ dialing }) => dialing),
    open: sum(({ connections }) => connections),
    waiting: sum(({ waiting }) => waiting),
    oldestWait: Math.max(0, ...origins.map(({ oldestWait }) => oldestWait)),
    blockedBy: origins.find(({ waiting, blockedBy }) => waiting > 0 && blockedBy)?.blockedBy ?? undefined,
  }
  if (origins.some(({ protocol }) => protocol === 'h2')) {
    return { kind: 'streams', used: sum(({ inFlight }) => inFlight), limit: streamLimit(origins), ...shared }
  }
  const used = Math.max(0, shared.open - shared.idle - shared.dialing)
  return { kind: 'connections', used, limit: connectionLimit(pool, origins, client), ...shared }
}

/** Adaptive limits may be below what the pool allows; the pool's own total is above all. */
function connectionLimit(
  pool: WirePool | undefined,
  origins: readonly WireOrigin[],
  { endpoints }: WireClient,
): number | null {
  if (pool === undefined) return null
  const { maxConnections, maxConnectionsPerOrigin } = pool
  const limits = origins.map(({ limit }) => Math.min(limit ?? Infinity, maxConnectionsPerOrigin))
  const absent = Math.max(0, Math.max(1, endpoints.length) - limits.length)
  const sum = limits.reduce((total, limit) => total + limit, absent * maxConnectionsPerOrigin)
  return Math.min(sum, maxConnections)
}

/** What adaptive limits and the servers allow at the moment. */
function streamLimit(origins: readonly WireOrigin[]): number | null {
  const limits = origins.map(({ limit, maxInFlight }) => limit ?? maxInFlight)
  return limits.reduce<number | null>(
    (sum, limit) => (sum === null || limit === undefined ? null : sum + limit),
    0,
  )
}

function originOf(url: string): string {
  try {
    return new URL(url).origin
  } catch {
    return url
  }
}
