/** What watching costs a service, in numbers. */

export interface DashboardResult {
  readonly clients: number
  readonly connections: number
  /** Of one core, while nobody watches and while one does. */
  readonly unwatched_percent: Estimate
  readonly watched_percent: Estimate
  /** Round by round. */
  readonly watching_percent: Estimate
  readonly bytes_per_tick: number
}
import type { Estimate } from '@keepwarm/cli/measuring'
