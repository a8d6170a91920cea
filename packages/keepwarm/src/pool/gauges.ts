import type { PoolCounters } from '../observe/pool-snapshot.ts'
import type { PoolCore } from './core.ts'
import type { Origin } from './entities.ts'

/** What is looked at all the time, cheaper than a snapshot. Durations in ms; opened and closed since the pool was made. */
export interface PoolGauges {
  readonly inUse: number
  readonly idle: number
  readonly dialing: number
  readonly waiting: number
  readonly oldestWait: number
  /** How many connections there may be. */
  readonly limit: number
  readonly opened: number
  readonly closed: number
}

/** @param isMine which origins count; all where it is absent. Connections that came and went are those of the whole pool. */
export function readGauges(
  core: PoolCore,
  counters: PoolCounters,
  now: number,
  isMine?: (origin: string) => boolean,
): PoolGauges {
  const sums = { open: 0, idle: 0, dialing: 0, waiting: 0, oldestWait: 0, limit: 0 }
  for (const origin of core.present()) {
    if (isMine?.(origin.key) === false) continue
    sums.open += origin.open
    sums.idle += origin.idle
    sums.dialing += origin.dialing
    sums.waiting += origin.waiting
    sums.oldestWait = Math.max(sums.oldestWait, oldestWait(origin, now))
    sums.limit += limitOf(core, origin)
  }
  const { maxConnections, maxConnectionsPerOrigin } = core.limits
  const { idle, dialing, waiting } = sums
  return {
    ...{ inUse: sums.open - idle - dialing, idle, dialing, waiting, oldestWait: sums.oldestWait },
    limit: Math.min(maxConnections, sums.limit === 0 ? maxConnectionsPerOrigin : sums.limit),
    opened: counters.opened,
    closed: Object.values(counters.closed).reduce((all, one) => all + one, 0),
  }
}

function oldestWait({ waiting, oldest }: Origin, now: number): number {
  return waiting === 0 || oldest === null ? 0 : now - oldest.queuedAt
}

/** An adaptive limit is one of requests; where it is the lower one, more connections have nothing to do. */
function limitOf({ limits }: PoolCore, { lanes: [{ limiter, maxInFlight }] }: Origin): number {
  return limiter === null
    ? limits.maxConnectionsPerOrigin
    : Math.min(limits.maxConnectionsPerOrigin, maxInFlight)
}
