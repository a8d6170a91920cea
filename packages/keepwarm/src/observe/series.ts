/** The columns of a client's history, one value a second. */
import type { ErrorCode } from '../errors.ts'
import { outcomeNames } from './outcomes.ts'

/** Calls that ended in that second, by how. */
const outcomes = [
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
/** What began in that second, and connections that came and went. */
const events = ['attempts', 'retries', 'hedges', 'opened', 'closed'] as const
/** Of the calls that ended in that second: ms. */
const percentiles = ['p50', 'p95', 'p99'] as const
/** Of the calls that ended in that second: mean ms of a call. */
const phases = ['before', 'queued', 'connect', 'send', 'headers', 'download'] as const
/** As last seen in that second. */
const gauges = ['inUse', 'idle', 'dialing', 'waiting', 'oldestWait', 'limit', 'breaker'] as const

export type OutcomeSeries = (typeof outcomes)[number]
export type PhaseName = (typeof phases)[number]
export type GaugeName = (typeof gauges)[number]
export type SeriesName =
  OutcomeSeries | (typeof events)[number] | (typeof percentiles)[number] | PhaseName | GaugeName

/** All of them; what can be counted stands first. */
export const seriesNames: readonly SeriesName[] = [
  ...outcomes,
  ...events,
  ...percentiles,
  ...phases,
  ...gauges,
]
export const phaseNames: readonly PhaseName[] = phases
export const gaugeNames: readonly GaugeName[] = gauges

/** The columns before this one are counts: 0 in a second in which nothing happened. In all others nothing is known then. */
export const FIRST_UNCOUNTED: number = outcomes.length + events.length

export function column(name: SeriesName): number {
  return seriesNames.indexOf(name)
}

export const OUTCOME_COLUMNS: number = outcomes.length

const ofCode: Partial<Record<ErrorCode, OutcomeSeries>> = {
  attempt_timeout: 'timeout',
  deadline: 'timeout',
  connect: 'connection',
  reset: 'connection',
  protocol: 'connection',
  queue_full: 'refused',
  acquire_timeout: 'refused',
  breaker_open: 'breaker_open',
  aborted: 'cancelled',
}

/** The column of an outcome, by its number. */
export const outcomeColumns: Uint8Array = Uint8Array.from(outcomeNames, (name) => column(seriesOf(name)))

function seriesOf(outcome: string): OutcomeSeries {
  if (outcome === '4xx') return 'c4xx'
  if (outcome === '5xx') return 'c5xx'
  if (/^[123]xx$/.test(outcome)) return 'ok'
  return ofCode[outcome as ErrorCode] ?? 'other'
}
