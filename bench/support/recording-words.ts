/** What the benchmark of recording found. */
import type { Estimate } from '@keepwarm/cli/measuring'
import type { RecordingWeight } from './recording-program.ts'

export interface RecordingResult {
  /** CPU time of what is written down for one call, in µs. */
  readonly recorder_us_per_call: Estimate
  /** CPU time of whole calls, in µs. */
  readonly recorded_us_per_call: Estimate
  readonly unrecorded_us_per_call: Estimate
  /** The difference of the two, round by round, in µs: may be below nothing, as the noise is larger. */
  readonly difference_us: { readonly median: number; readonly least: number; readonly most: number }
  /** Bytes of a client before its first call, after it, and with a history. */
  readonly weight: RecordingWeight
}
