/** Two snapshots, sorted by what is judged: the process, each origin of each pool, each client, each breaker. */
import type { ProcessSnapshot } from '../process-snapshot.ts'
import type { GuardSnapshot } from '../snapshot.ts'
import { clientCase, originsOf, type ClientCase } from './client-case.ts'
import { gainedEach, type Counts } from './counted.ts'
import { originCase, type OriginCase } from './origin-case.ts'
import { LONGEST_WINDOW, SHORTEST_WINDOW } from './thresholds.ts'

export interface GuardCase {
  readonly client: ClientCase
  readonly guard: GuardSnapshot
  /** Transitions in the window, and how long that is in ms. */
  readonly ms: number
  readonly transitions: Counts
}

export interface Situation {
  readonly now: ProcessSnapshot
  readonly origins: readonly OriginCase[]
  readonly clients: readonly ClientCase[]
  readonly guards: readonly GuardCase[]
}

export function situationOf(before: ProcessSnapshot | undefined, now: ProcessSnapshot): Situation {
  const earlier = isComparable(before, now) ? before : undefined
  const clients = now.clients.map((client) => clientCase(sameIn(earlier?.clients, client), client))
  return { now, clients, origins: originsIn(earlier, now, clients), guards: guardsIn(earlier, clients) }
}

/** Of another process, from the future, or too close: it says nothing. */
function isComparable(before: ProcessSnapshot | undefined, now: ProcessSnapshot): before is ProcessSnapshot {
  if (before === undefined || before.process.pid !== now.process.pid) return false
  return now.at - before.at >= SHORTEST_WINDOW && before.process.uptime <= now.process.uptime
}

/** Names are not unique: two clients of one name differ in their pool or their age. */
function sameIn<Client extends { name: string; poolId: number; since: number }>(
  clients: readonly Client[] | undefined,
  { name, poolId, since }: Client,
): Client | undefined {
  return clients?.find((each) => each.name === name && each.poolId === poolId && each.since === since)
}

function originsIn(
  before: ProcessSnapshot | undefined,
  now: ProcessSnapshot,
  clients: readonly ClientCase[],
): OriginCase[] {
  return now.pools.flatMap((pool) => {
    const users = clients.filter(({ snapshot }) => snapshot.poolId === pool.id)
    const times = timesOf(before, now, users)
    const poolBefore = before?.pools.find(({ id }) => id === pool.id)
    return pool.origins.map((origin) => {
      const itsOwn = users.filter(({ snapshot }) => originsOf(snapshot).has(origin.origin))
      return originCase(pool, poolBefore, origin, itsOwn, times)
    })
  })
}

function timesOf(
  before: ProcessSnapshot | undefined,
  now: ProcessSnapshot,
  users: readonly ClientCase[],
): { window: number; earlier: number } {
  if (before !== undefined) {
    const since = users.map(({ usual }) => usual?.ms ?? 0)
    return { window: now.at - before.at, earlier: Math.max(0, ...since) || before.process.uptime * 1_000 }
  }
  const lived = Math.max(0, ...users.map(({ done }) => done.ms)) || now.process.uptime * 1_000
  return { window: lived <= LONGEST_WINDOW ? lived : 0, earlier: 0 }
}

function guardsIn(before: ProcessSnapshot | undefined, clients: readonly ClientCase[]): GuardCase[] {
  return clients.flatMap((client) => {
    const was = sameIn(before?.clients, client.snapshot)
    return client.snapshot.guards.map((guard) => {
      const guardBefore = was?.guards.find(
        ({ origin, group }) => origin === guard.origin && group === guard.group,
      )
      const { ms } = client.done
      const transitions = gainedEach({ ...guardBefore?.transitions }, { ...guard.transitions })
      return { client, guard, ms, transitions: ms === 0 ? {} : transitions }
    })
  })
}
