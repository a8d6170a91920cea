/** What a measured process is told, and what it says at the end: JSON, whatever language it is written in. */
import type { PeerSettings } from './peers-client.ts'
import type { PeerName } from './peers-roster.ts'
import type { Kind } from './peers-workloads.ts'

export interface PeerOrder extends PeerSettings {
  readonly arm: PeerName
  readonly kind: Kind
  readonly path: string
  /** How long the body of a GET is. */
  readonly bytes: number
  /** What is posted, and a member that its answer must have, with its value. */
  readonly value: object
  readonly member: readonly [name: string, value: string]
  /** In ms of the process's CPU time; on the wall they may take ten times as long. */
  readonly warmUp: number
  readonly measured: number
  /** How often that is measured; of the kind `burst`, how many bursts. */
  readonly slices: number
}

/** Times are in µs. */
export interface PeerSample {
  /** Requests in all, those of the warm-up included. */
  readonly sent: number
  /** Those that count; everything below is of them. */
  readonly requests: number
  readonly errors: number
  readonly first_error: string
  /** User and system time of the whole process, for each request; by slice. */
  readonly cpu: readonly number[]
  /** The clock on the wall, for each request; by slice. */
  readonly wall: readonly number[]
  /** In which the program stood still for a collection, for each request; null where nobody counts it. */
  readonly gc: number | null
  readonly p50: number
  readonly p99: number
  readonly p999: number
  /** The greatest the process ever had, in kB. */
  readonly peak_rss_kb: number
}
