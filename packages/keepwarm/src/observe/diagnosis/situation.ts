/** Snapshots, sorted by what is judged: the process, each origin of each pool, each client, each breaker. */
import type { OriginSnapshot } from '../pool-snapshot.ts'
import type { ObservedPool, ProcessSnapshot } from '../process-snapshot.ts'
import type { ClientSnapshot, GuardSnapshot } from '../snapshot.ts'
import { clientCase, originsOf, type ClientCase } from './client-case.ts'
import { gained, gainedEach, type Counts } from './counted.ts'
import { chosen, comparable } from './earlier.ts'
import { originCase, type OriginCase } from './origin-case.ts'
import { LONGEST_WINDOW } from './thresholds.ts'

export interface GuardCase {
  readonly client: ClientCase
  readonly guard: GuardSnapshot
  /** Transitions in the longest window, and how long that is in ms. */
  readonly ms: number
  readonly transitions: Counts
}

export interface Situation {
  readonly now: ProcessSnapshot
  readonly origins: readonly OriginCase[]
  readonly clients: readonly ClientCase[]
  readonly guards: readonly GuardCase[]
}

export function situationOf(
  before: ProcessSnapshot | readonly ProcessSnapshot[] | undefined,
  now: ProcessSnapshot,
): Situation {
  const earlier = comparable(before, now)
  const clients = now.clients.map((client) => {
    const find = (snapshot: ProcessSnapshot): ClientSnapshot | undefined => sameIn(snapshot.clients, client)
    const was = chosen(earlier, now, find, ({ calls }) => gained(calls.started, client.calls.started))
    return clientCase(was?.part, client)
  })
  return { now, clients, origins: originsIn(earlier, now, clients), guards: guardsIn(earlier, now, clients) }
}

/**
 * Names are not unique: two clients of one name differ in their pool or their age. After a reset of its figures a client
 * counts anew.
 */
function sameIn(
  clients: readonly ClientSnapshot[],
  { name, poolId, since }: ClientSnapshot,
): ClientSnapshot | undefined {
  return clients.find((each) => each.name === name && each.poolId === poolId && each.since === since)
}

function originsIn(
  earlier: readonly ProcessSnapshot[],
  now: ProcessSnapshot,
  clients: readonly ClientCase[],
): OriginCase[] {
  return now.pools.flatMap((pool) => {
    const users = clients.filter(({ snapshot }) => snapshot.poolId === pool.id)
    return pool.origins.map((origin) => {
      const itsOwn = users.filter(({ snapshot }) => originsOf(snapshot).has(origin.origin))
      return originIn(earlier, now, pool, origin, itsOwn)
    })
  })
}

function originIn(
  earlier: readonly ProcessSnapshot[],
  now: ProcessSnapshot,
  pool: ObservedPool,
  origin: OriginSnapshot,
  clients: readonly ClientCase[],
): OriginCase {
  const poolIn = (snapshot: ProcessSnapshot): ObservedPool | undefined =>
    snapshot.pools.find(({ id }) => id === pool.id)
  const find = (snapshot: ProcessSnapshot): OriginSnapshot | undefined =>
    poolIn(snapshot)?.origins.find((each) => each.origin === origin.origin)
  const was = chosen(earlier, now, find, ({ counters }) =>
    gained(counters.requests, origin.counters.requests),
  )
  // One that is new since an earlier snapshot did all that it did since then.
  const at = was?.at ?? earlier.findLast((snapshot) => poolIn(snapshot) !== undefined)
  return originCase({ pool, now: origin, before: was?.part, clients, ...timesOf(at, now, clients) })
}

function timesOf(
  before: ProcessSnapshot | undefined,
  now: ProcessSnapshot,
  users: readonly ClientCase[],
): { window: number; earlier: number } {
  if (before !== undefined) {
    const since = users.map(({ snapshot }) => before.at - snapshot.since)
    return { window: now.at - before.at, earlier: Math.max(0, ...since) || before.process.uptime * 1_000 }
  }
  const lived = Math.max(0, ...users.map(({ done }) => done.ms)) || now.process.uptime * 1_000
  return { window: lived <= LONGEST_WINDOW ? lived : 0, earlier: 0 }
}

/** Breakers change seldom: the longest time says most of them. */
function guardsIn(
  earlier: readonly ProcessSnapshot[],
  now: ProcessSnapshot,
  clients: readonly ClientCase[],
): GuardCase[] {
  return clients.flatMap((client) => {
    const { name, poolId } = client.snapshot
    const oldest = earlier.findLast(({ clients: were }) => were.some((each) => isNamed(each, name, poolId)))
    const was = oldest?.clients.find((each) => isNamed(each, name, poolId))
    const ms = oldest === undefined ? client.done.ms : now.at - oldest.at
    return client.snapshot.guards.map((guard) => {
      const guardBefore = was?.guards.find(
        ({ origin, group }) => origin === guard.origin && group === guard.group,
      )
      const transitions = gainedEach({ ...guardBefore?.transitions }, { ...guard.transitions })
      return { client, guard, ms, transitions: ms === 0 ? {} : transitions }
    })
  })
}

/** A reset of its figures does not concern its breakers. */
function isNamed(client: ClientSnapshot, name: string, poolId: number): boolean {
  return client.name === name && client.poolId === poolId
}
