/** One origin of one pool between two snapshots. */
import type { HolderSnapshot, OriginSnapshot } from '../pool-snapshot.ts'
import type { ObservedPool } from '../process-snapshot.ts'
import { ownerOf, type ClientCase } from './client-case.ts'
import { gained, gainedEach, sum, type Counts } from './counted.ts'
import type { Owner } from './variables.ts'

const AHEAD = ['warm_up', 'renewal', 'minimum', 'ahead'] as const

/** How long a request waits where nobody says, in ms. */
const ACQUIRE_TIMEOUT = 5_000

/** What was done at an origin in some time; all zero where nothing is known. */
export interface OriginDone {
  /** How long that was, in ms; 0 when it is not known. */
  readonly ms: number
  readonly requests: number
  readonly dialed: number
  readonly opened: number
  /** Dials that no request needed at once: to warm up, to renew, to keep a minimum, ahead of need. */
  readonly dialedAhead: number
  readonly closed: Counts
  readonly refused: Counts
  /** Requests that met a connection which the server had closed, and went out again. */
  readonly races: number
  readonly leaks: number
  /** Dials that failed, by what the platform called it. */
  readonly dialsFailed: Counts
  /** Dials that opened, and their time in all, in ms. */
  readonly dials: { readonly count: number; readonly total: number } & Readonly<Record<DialPart, number>>
  /** Requests that gave their connection back, and for how long they had it. */
  readonly use: { readonly count: number; readonly total: number }
  /** Connections that ended, and what they had served. */
  readonly ended: { readonly connections: number; readonly requests: number }
  /** Idle connections that the server closed, and at how many different moments. */
  readonly serverCloses: { readonly count: number; readonly restTotal: number; readonly moments: number }
}

export type DialPart = 'dns' | 'tcp' | 'tls'

export interface OriginCase {
  readonly origin: string
  readonly pool: ObservedPool
  readonly now: OriginSnapshot
  readonly before: OriginSnapshot | undefined
  /** The clients that use it. */
  readonly clients: readonly ClientCase[]
  /** The name of the only client that uses it; null when there are several, or none. */
  readonly client: string | null
  readonly done: OriginDone
  readonly usual: OriginDone | null
  /** The five that hold a connection longest, as far as the pool tells. */
  readonly holders: readonly HolderSnapshot[]
}

/** What an origin is judged by. */
export interface Given extends Pick<OriginCase, 'pool' | 'now' | 'before' | 'clients'> {
  /** Of the window, in ms; 0 for none. */
  readonly window: number
  /** Before the window, in ms; 0 when that is not known. */
  readonly earlier: number
}

export function originCase({ pool, now, before, clients, window, earlier }: Given): OriginCase {
  return {
    origin: now.origin,
    ...{ pool, now, before, clients },
    client: clients.length === 1 ? clients[0]!.name : null,
    done: doneBetween(window === 0 ? now : before, now, window),
    usual: before === undefined ? null : doneBetween(undefined, before, earlier),
    holders: now.holders ?? [],
  }
}

function doneBetween(before: OriginSnapshot | undefined, now: OriginSnapshot, ms: number): OriginDone {
  const [was, is] = [before?.counters, now.counters]
  return {
    ms,
    requests: gained(was?.requests, is.requests),
    dialed: gained(was?.dialed, is.dialed),
    opened: gained(was?.opened, is.opened),
    dialedAhead: sum(gainedEach(was?.dialedFor, is.dialedFor), AHEAD),
    closed: gainedEach(was?.closed, is.closed),
    refused: gainedEach({ ...was?.refused }, { ...is.refused }),
    races: gained(was?.lostRaces, is.lostRaces) + gained(was?.lostUnsent, is.lostUnsent),
    leaks: gained(was?.leaks, is.leaks),
    dialsFailed: gainedEach(before?.dials.failed, now.dials.failed),
    dials: each(before?.dials, now.dials, 'count', 'total', 'dns', 'tcp', 'tls'),
    use: each(before?.use, now.use, 'count', 'total'),
    ended: each(before?.ended, now.ended, 'connections', 'requests'),
    serverCloses: each(before?.serverCloses, now.serverCloses, 'count', 'restTotal', 'moments'),
  }
}

function each<Name extends string>(
  before: Readonly<Record<Name, number>> | undefined,
  now: Readonly<Record<Name, number>>,
  ...names: readonly Name[]
): Record<Name, number> {
  const entries = names.map((name) => [name, gained(before?.[name], now[name])] as const)
  return Object.fromEntries(entries) as Record<Name, number>
}

/** Connections that the origin may have, and which option says so. */
export function connectionLimit({ pool }: OriginCase): {
  most: number
  option: 'maxConnections' | 'maxConnectionsPerOrigin'
} {
  const { maxConnections, maxConnectionsPerOrigin } = pool
  return maxConnectionsPerOrigin < maxConnections
    ? { most: maxConnectionsPerOrigin, option: 'maxConnectionsPerOrigin' }
    : { most: maxConnections, option: 'maxConnections' }
}

/** The shortest time for which a client of the origin waits for a connection, in ms. */
export function acquireTimeout({ clients }: OriginCase): number {
  const times = clients.map(({ snapshot }) => snapshot.settings.acquireTimeout ?? Infinity)
  const shortest = Math.min(...times)
  return shortest === Infinity ? ACQUIRE_TIMEOUT : shortest
}

/** Whose variables set the pool; null when several clients share it, or none has it. */
export function ownerOfPool({ clients }: OriginCase): Owner | null {
  return clients.length === 1 ? ownerOf(clients[0]!) : null
}
