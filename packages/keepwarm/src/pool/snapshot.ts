import type { GroupSnapshot, OriginSnapshot, PoolCounters, PoolSnapshot } from '../observe/pool-snapshot.ts'
import type { PoolCore } from './core.ts'
import type { Origin } from './entities.ts'
import type { Lane } from './lanes.ts'

export type { GroupSnapshot, OriginSnapshot, PoolCounters, PoolSnapshot }

export function newCounters(): PoolCounters {
  return {
    requests: 0,
    reused: 0,
    lostUnsent: 0,
    lostRaces: 0,
    leaks: 0,
    dialed: 0,
    dialedFor: { first: 0, all_busy: 0, lost_race: 0, warm_up: 0, renewal: 0, minimum: 0, ahead: 0 },
    opened: 0,
    closed: {},
    refused: { queue_full: 0, acquire_timeout: 0, dial_failed: 0, closed: 0 },
  }
}

export function takeSnapshot(core: PoolCore, counters: PoolCounters, now: number): PoolSnapshot {
  const { maxConnections, maxConnectionsPerOrigin, maxIdleConnections } = core.limits
  return {
    version: 1,
    connections: core.open,
    idle: core.idle.count,
    dialing: core.dialing,
    waiting: core.waiting,
    inFlight: core.inFlight,
    maxConnections,
    maxConnectionsPerOrigin,
    maxIdleConnections,
    origins: Array.from(core.present(), (origin) => describe(origin, now)),
    counters: structuredClone(counters),
  }
}

function describe(origin: Origin, now: number): OriginSnapshot {
  const { key, open, idle, dialing, inFlight, waiting, oldest, lanes } = origin
  return {
    origin: key,
    connections: open,
    idle,
    dialing,
    inFlight,
    waiting,
    oldestWait: oldest === null ? 0 : now - oldest.queuedAt,
    limit: limitOf(lanes[0]),
    groups: lanes.slice(1).map((lane) => ({
      group: lane.group!,
      inFlight: lane.inFlight,
      maxInFlight: lane.limits.maxInFlight,
      limit: limitOf(lane),
      waiting: lane.waiting,
    })),
  }
}

function limitOf({ limiter, maxInFlight }: Lane): number | null {
  return limiter === null ? null : maxInFlight
}
