/** The names of what the history keeps of each second, and how several seconds become one. */

export const outcomes = [
  'ok',
  'c4xx',
  'c5xx',
  'timeout',
  'connection',
  'refused',
  'breaker_open',
  'other',
  'cancelled',
] as const
export const phases = ['before', 'queued', 'connect', 'send', 'headers', 'download'] as const
const counts = [...outcomes, 'attempts', 'retries', 'hedges', 'opened', 'closed'] as const
const peaks = ['p50', 'p95', 'p99', 'waiting', 'oldestWait', 'dialing', 'breaker'] as const
const levels = [...phases, 'inUse', 'idle', 'limit'] as const

export const seriesNames = [...counts, ...peaks, ...levels] as const
export type SeriesName = (typeof seriesNames)[number]

const peak: ReadonlySet<string> = new Set(peaks)

/**
 * What stands for several seconds in a chart: of what hurts by its height, the highest; of everything else the mean, so
 * that rates stay rates.
 */
export function isPeak(name: SeriesName): boolean {
  return peak.has(name)
}

/** Outcomes that are the caller's loss. A 4xx is an answer; who cancels has lost nothing. */
export const failures: readonly SeriesName[] = [
  'c5xx',
  'timeout',
  'connection',
  'refused',
  'breaker_open',
  'other',
]
