import type {
  GroupSnapshot,
  LineSnapshot,
  OriginHistory,
  OriginSnapshot,
  PoolCounters,
  PoolLimitsSnapshot,
  PoolSnapshot,
  PoolSnapshotOptions,
} from '../observe/pool-snapshot.ts'
import { blockedBy } from './blocked-by.ts'
import type { PoolCore } from './core.ts'
import type { Origin, Slot } from './entities.ts'
import type { Figures } from './figures.ts'
import { longestHolders } from './holders.ts'
import type { Lane } from './lanes.ts'
import type { LeakWatch } from './leak-watch.ts'

export type { OriginSnapshot, PoolCounters, PoolSnapshot, PoolSnapshotOptions }

/** Origins without connections are shown for so long, in ms, and so many of them. */
const REMEMBERED_FOR = 600_000
const MOST_ABSENT = 50

/** A pool, as a snapshot needs it. */
export interface Pictured {
  readonly core: PoolCore
  readonly figures: Figures
  readonly leaks: LeakWatch
  readonly slots: Iterable<Slot>
}

export function takeSnapshot(pool: Pictured, now: number, { holders }: PoolSnapshotOptions): PoolSnapshot {
  const { core, figures, leaks } = pool
  const { maxConnections, maxConnectionsPerOrigin, maxIdleConnections } = core.limits
  const held = holders === true ? longestHolders(pool.slots, leaks, now) : undefined
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
    origins: shownOrigins(core, now).map((origin) => ({
      ...describe(pool, origin, now),
      ...(held !== undefined && { holders: held.get(origin) ?? [] }),
    })),
    counters: copyOf(figures.counters),
    histograms: figures.histograms,
    limits: limitsOf(core, leaks),
  }
}

function shownOrigins(core: PoolCore, now: number): Origin[] {
  const present = [...core.present()]
  if (core.isClosed) return present
  const absent = Array.from(core.absent()).filter(({ figures }) => now - figures.touchedAt <= REMEMBERED_FOR)
  absent.sort((one, other) => other.figures.touchedAt - one.figures.touchedAt)
  return [...present, ...absent.slice(0, MOST_ABSENT)]
}

function describe({ core, leaks }: Pictured, origin: Origin, now: number): OriginSnapshot {
  const { key, open, idle, dialing, inFlight, waiting, oldest, lanes, ready, streamsPerConnection } = origin
  const blocked = lanes.find((lane) => lane.waiting > 0 && lane.oldest === oldest) ?? lanes[0]
  return {
    origin: key,
    connections: open,
    idle,
    dialing,
    inFlight,
    oldestWait: oldest === null ? 0 : now - oldest.queuedAt,
    limit: limitOf(lanes[0]),
    groups: lanes.slice(1).map((lane) => describeGroup(core, lane, now)),
    ...lineOf(core, blocked, now),
    waiting,
    waitingFor: Math.max(...lanes.map((lane) => waitingFor(lane, now))),
    refused: {
      queue_full: origin.figures.counters.refused.queue_full,
      acquire_timeout: origin.figures.counters.refused.acquire_timeout,
    },
    protocol: ready === 0 ? null : streamsPerConnection > 1 ? 'h2' : 'h1',
    maxInFlight: ready * streamsPerConnection,
    stalled: leaks.summary(origin, now),
    ...historyOf(origin, now),
  }
}

/** Of a snapshot it must not change any more. */
function copyOf(counters: PoolCounters): PoolCounters {
  const { dialedFor, closed, refused } = counters
  return { ...counters, dialedFor: { ...dialedFor }, closed: { ...closed }, refused: { ...refused } }
}

function historyOf(origin: Origin, now: number): OriginHistory {
  const { figures, failures: failedInARow, lesson } = origin
  const { counters, dials, failedDials, use, ended } = figures
  const serverIdle = lesson.limit(now)
  return {
    counters: copyOf(counters),
    dials: { ...dials, failed: { ...failedDials }, failedInARow },
    use: { ...use },
    ended: { ...ended },
    serverIdle: finite(serverIdle),
    serverCloses: { ...lesson.closes },
  }
}

function describeGroup(core: PoolCore, lane: Lane, now: number): GroupSnapshot {
  return {
    group: lane.group!,
    inFlight: lane.inFlight,
    maxInFlight: lane.limits.maxInFlight,
    limit: limitOf(lane),
    ...lineOf(core, lane, now),
  }
}

function lineOf(core: PoolCore, lane: Lane, now: number): LineSnapshot {
  const { waiting, queueFull: queue_full, acquireTimeouts: acquire_timeout } = lane
  const refused = { queue_full, acquire_timeout }
  return { waiting, blockedBy: blockedBy(core, lane, now), waitingFor: waitingFor(lane, now), refused }
}

function waitingFor({ waiting, busySince }: Lane, now: number): number {
  return waiting === 0 ? 0 : now - busySince
}

function limitOf({ limiter, maxInFlight }: Lane): number | null {
  return limiter === null ? null : maxInFlight
}

function limitsOf({ limits }: PoolCore, { after }: LeakWatch): PoolLimitsSnapshot {
  return {
    maxQueue: finite(limits.maxQueue),
    maxDials: finite(limits.maxDials),
    maxConnectionsPerAddress: finite(limits.maxConnectionsPerAddress),
    idleTimeout: finite(limits.idleTimeout),
    maxIdleTimeout: finite(limits.maxIdleTimeout),
    maxConnectionAge: finite(limits.maxConnectionAge),
    maxRequestsPerConnection: finite(limits.maxRequestsPerConnection),
    leakAfter: finite(after),
  }
}

/** JSON has no Infinity. */
function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null
}
