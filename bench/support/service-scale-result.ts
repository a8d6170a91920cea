/** What a run gives. */
import type { Growth } from './service-scale-growth.ts'
import type { QueueCost, TableSize } from './service-scale-postgres.ts'
import type { Use } from './service-scale-use.ts'

export interface PostgresFacts {
  readonly documents: number
  readonly sizes: readonly TableSize[]
  readonly queue: QueueCost
  /** Of the server, for each document, in ms. */
  readonly serverCpu: number
}

export interface ScaleResult {
  readonly growth: Growth
  readonly uses: readonly Use[]
  /** Of the file with the grown index. */
  readonly sqliteBytes: number
  /** Undefined where there is no server. */
  readonly postgres: PostgresFacts | undefined
}
