/** A process at one moment: its clients, the pools that carry them, and how the process itself is. JSON-safe, versioned. */
import type { ConnectionSnapshot, PoolSnapshot } from './pool-snapshot.ts'
import type { ClientSnapshot, RecentEvent } from './snapshot.ts'

/** The delay of the event loop since the snapshot before, in ms. */
export interface LoopDelay {
  readonly p50: number
  readonly p99: number
  readonly max: number
}

export interface ProcessFacts {
  readonly pid: number
  /** Of Node, such as `24.1.0`. */
  readonly node: string
  /** Of the process, in seconds. */
  readonly uptime: number
  /** Of the service, as it was told. */
  readonly name: string
  /** Null before there is something to tell. */
  readonly loop: LoopDelay | null
  /** The share of one core since the snapshot before: user and system time; null in the first. */
  readonly cpu: number | null
  /** Bytes of memory that the process holds. */
  readonly rss: number
}

/** A pool, once, whoever shares it. `ClientSnapshot.poolId` is its `id`. */
export interface ObservedPool extends PoolSnapshot {
  readonly id: number
  /** Those that are asked for: at most 200, busy ones first, the oldest first among these. */
  readonly connectionList?: readonly ConnectionSnapshot[]
}

export interface ProcessSnapshot {
  readonly version: 1
  /** Milliseconds since 1970. */
  readonly at: number
  readonly process: ProcessFacts
  readonly clients: readonly ClientSnapshot[]
  readonly pools: readonly ObservedPool[]
  /** What happened lately, newest last, at most 200. */
  readonly events: readonly RecentEvent[]
}
