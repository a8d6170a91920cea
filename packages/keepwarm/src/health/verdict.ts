/** How a service is, from what is known of it, and why: for /health, dashboards and people. */
import { verdictDefaults } from './options.ts'
import type { VerdictSettings } from './options.ts'

export type HealthStatus = 'healthy' | 'degraded' | 'unhealthy'

/** What is known. What is left out is not judged. Times and durations in milliseconds. */
export interface HealthFacts {
  /** How the requests of the last `window` ms ended; what was nobody's failure is in neither. */
  readonly outcomes?: { readonly successes: number; readonly failures: number; readonly window: number }
  /** `retryAfter`: until it may let a probe through. */
  readonly breaker?: {
    readonly state: 'closed' | 'open' | 'half-open'
    readonly retryAfter?: number | undefined
    readonly lastFailure?: string | undefined
  }
  readonly pool?: {
    readonly inUse: number
    readonly limit: number
    readonly waiting: number
    /** How long the one has waited that has waited longest. */
    readonly oldestWait: number
    /** Requests that were turned away within the window. */
    readonly refused: number
  }
  /** What active checks say. `ago`: since the last one. `inARow`: how many found the same as the last one. */
  readonly check?: {
    readonly up: boolean
    readonly lastFinding: 'pass' | 'fail' | 'drain'
    readonly inARow: number
    readonly ago: number
  }
  /** How many of a service's endpoints take part; `panic` when those that are out are used all the same. */
  readonly endpoints?: { readonly available: number; readonly total: number; readonly panic: boolean }
}

export interface HealthVerdict {
  readonly status: HealthStatus
  /** Why it is not healthy, with numbers; what makes it unhealthy comes first. Empty when it is. */
  readonly reasons: readonly string[]
}

interface Finding {
  readonly status: 'degraded' | 'unhealthy'
  readonly reason: string
}

/**
 * The worst of what is found.
 *
 * @example
 * verdict({ outcomes: { successes: 23, failures: 37, window: 10_000 } })
 * // { status: 'unhealthy', reasons: ['37 of 60 requests failed (62 %) in the last 10 s'] }
 */
export function verdict(facts: HealthFacts, settings: VerdictSettings = verdictDefaults): HealthVerdict {
  const findings = [
    ...ofBreaker(facts.breaker),
    ...ofCheck(facts.check),
    ...ofEndpoints(facts.endpoints),
    ...ofOutcomes(facts.outcomes, settings),
    ...ofPool(facts.pool, settings),
  ]
  const unhealthy = findings.filter(({ status }) => status === 'unhealthy')
  const degraded = findings.filter(({ status }) => status === 'degraded')
  const status = unhealthy.length > 0 ? 'unhealthy' : degraded.length > 0 ? 'degraded' : 'healthy'
  return { status, reasons: [...unhealthy, ...degraded].map(({ reason }) => reason) }
}

function ofBreaker(breaker: HealthFacts['breaker']): Finding[] {
  if (breaker === undefined || breaker.state === 'closed') return []
  const { state, retryAfter, lastFailure } = breaker
  if (state === 'half-open')
    return [{ status: 'degraded', reason: 'the breaker is half-open: it sends probes' }]
  const until = retryAfter === undefined ? '' : `, the next probe in ${duration(retryAfter)}`
  const last = lastFailure === undefined ? '' : `; the last failure was ${lastFailure}`
  return [{ status: 'unhealthy', reason: `the breaker is open${until}${last}` }]
}

function ofCheck(check: HealthFacts['check']): Finding[] {
  if (check === undefined) return []
  const { up, lastFinding, inARow, ago } = check
  const when = `${duration(ago)} ago`
  const times = inARow === 1 ? '1 check' : `${inARow} checks in a row`
  if (lastFinding === 'drain') return [{ status: 'unhealthy', reason: `it said ${when} that it is draining` }]
  if (!up && lastFinding === 'fail')
    return [{ status: 'unhealthy', reason: `${times} failed, the last ${when}` }]
  if (!up)
    return [{ status: 'unhealthy', reason: `only ${times} passed since it was down, the last ${when}` }]
  return lastFinding === 'fail' ? [{ status: 'degraded', reason: `${times} failed, the last ${when}` }] : []
}

function ofEndpoints(endpoints: HealthFacts['endpoints']): Finding[] {
  if (endpoints === undefined) return []
  const { available, total, panic } = endpoints
  if (available >= total && !panic) return []
  const used = panic ? '; so few are well that all are used' : ''
  const status = available === 0 ? 'unhealthy' : 'degraded'
  return [{ status, reason: `${available} of ${total} endpoints take part${used}` }]
}

function ofOutcomes(outcomes: HealthFacts['outcomes'], settings: VerdictSettings): Finding[] {
  if (outcomes === undefined) return []
  const { successes, failures, window } = outcomes
  const completions = successes + failures
  if (completions < settings.minimumCompletions) return []
  const ratio = failures / completions
  if (ratio < settings.degradedRatio) return []
  const status = ratio < settings.unhealthyRatio ? 'degraded' : 'unhealthy'
  const share = `${Math.round(ratio * 100)} %`
  const reason = `${failures} of ${completions} requests failed (${share}) in the last ${duration(window)}`
  return [{ status, reason }]
}

function ofPool(pool: HealthFacts['pool'], settings: VerdictSettings): Finding[] {
  if (pool === undefined) return []
  const { inUse, limit, waiting, oldestWait, refused } = pool
  const findings: Finding[] = []
  const use = `${inUse} of ${limit} connections in use`
  if (refused > 0) {
    findings.push({ status: 'degraded', reason: `${refused} turned away; ${use}` })
  }
  if (waiting > 0 && oldestWait >= settings.degradedWait) {
    const wait = `${waiting} waiting, the longest for ${duration(oldestWait)}`
    findings.push({ status: 'degraded', reason: `${wait}; ${use}` })
  }
  return findings
}

/** `850 ms`, `6.2 s`, `10 s` */
function duration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`
  return `${Number((ms / 1_000).toFixed(1))} s`
}
