/** What the endings of calls and attempts say of the server, and what of us. */
import { share, sum, type Counts } from './counted.ts'

const WELL = ['1xx', '2xx', '3xx', '4xx'] as const
/** The server's, or that of the way to it. */
const FAILED = ['5xx', 'connect', 'reset', 'protocol', 'attempt_timeout', 'deadline'] as const
/** Ended in our own hands, before anything was asked of the server. */
const OURS = ['queue_full', 'acquire_timeout', 'breaker_open'] as const
const TIMED_OUT = ['attempt_timeout', 'deadline'] as const

export interface Endings {
  readonly well: number
  /** The server's, or that of the way to it. */
  readonly failed: number
  readonly timedOut: number
  /** Turned away by ourselves. */
  readonly ours: number
  /** Of what the server was asked, the share that it did. */
  readonly success: number
  /** Of what callers asked, the share that they got. */
  readonly effective: number
}

/** Whatever is nobody's fault (cancelled, a wrong request, a body that is no JSON) is in none of them. */
export function endingsOf(ended: Counts): Endings {
  const well = sum(ended, WELL)
  const failed = sum(ended, FAILED)
  const ours = sum(ended, OURS)
  return {
    ...{ well, failed, ours, timedOut: sum(ended, TIMED_OUT) },
    success: well + failed === 0 ? 1 : share(well, well + failed),
    effective: well + failed + ours === 0 ? 1 : share(well, well + failed + ours),
  }
}

/** How calls failed, for people. */
export function failuresIn(ended: Counts): Counts {
  return Object.fromEntries(
    [...FAILED, ...OURS].flatMap((name) => (ended[name] ? [[name, ended[name]]] : [])),
  )
}
