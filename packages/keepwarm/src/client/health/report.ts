/** How a client is, by what its calls, its pool and its checks have met with lately. Pure: facts in, a report out. */
import type { EndpointSnapshot } from '../../balance/snapshot.ts'
import type { BreakerState } from '../../breaker/machine.ts'
import type { BreakerSnapshot } from '../../breaker/snapshot.ts'
import { duration } from '../../exchange/phases.ts'
import type { VerdictSettings } from '../../health/options.ts'
import { verdict, type HealthFacts, type HealthStatus, type HealthVerdict } from '../../health/verdict.ts'
import type { LastCheck } from './background.ts'
import type { WarmUpFailure } from './connections.ts'

/** One origin: an endpoint of the client, or another that it called. */
export interface OriginHealth extends HealthVerdict {
  /** The worst breaker of it and its endpoint groups. */
  readonly breaker: BreakerState
  /** Attempts that ended within the breaker's window, and the share of failures among them. */
  readonly completions: number
  readonly failureRatio: number
  readonly connections: number
  /** Requests that wait for a connection. */
  readonly waiting: number
  /** The last check: by the client itself, or by `checkHealth()` within the last minute; null when there was none. */
  readonly check: LastCheck | null
  /** What part it takes, among several endpoints; null for a single one. */
  readonly endpoint: EndpointSnapshot['state'] | null
}

/** How a client is. Versioned and JSON-safe. */
export interface HealthReport extends HealthVerdict {
  readonly version: 1
  readonly origins: Readonly<Record<string, OriginHealth>>
}

/** What is known of one origin. */
export interface OriginFacts {
  readonly origin: string
  /** Whether it is what the client is for: it has a base URL that leads there, or none at all. */
  readonly own: boolean
  /** Its breaker, and those of its endpoint groups. */
  readonly breakers: readonly { readonly group: string | undefined; readonly breaker: BreakerSnapshot }[]
  readonly connections: number
  readonly pool: NonNullable<HealthFacts['pool']> | undefined
  readonly check: LastCheck | undefined
  readonly endpoint: EndpointSnapshot | undefined
  readonly warmUp: WarmUpFailure | undefined
}

export interface ClientFacts {
  readonly now: number
  readonly closed: boolean
  /** Of the breakers, in ms. */
  readonly window: number
  /** All that the client's pool does; nobody waits there, they wait for an origin. */
  readonly pool: NonNullable<HealthFacts['pool']>
  readonly endpoints: HealthFacts['endpoints']
  readonly origins: readonly OriginFacts[]
}

export function reportOf(facts: ClientFacts, settings: VerdictSettings): HealthReport {
  const origins = facts.origins.map((one) => [one, originHealth(one, facts, settings)] as const)
  const all = verdict({ pool: facts.pool, ...(facts.endpoints && { endpoints: facts.endpoints }) }, settings)
  const closed = facts.closed ? [unhealthy('the client is closed')] : []
  const { status, reasons } = worst([...closed, ofAll(origins), all])
  const byOrigin = Object.fromEntries(origins.map(([{ origin }, health]) => [origin, health]))
  return { version: 1, status, reasons, origins: byOrigin }
}

function originHealth(
  facts: OriginFacts,
  { now, window }: ClientFacts,
  settings: VerdictSettings,
): OriginHealth {
  const { breakers, pool, check, endpoint, warmUp, connections } = facts
  const traffic = breakers.map(({ group, breaker }) => ({
    label: group,
    counts: true,
    verdict: verdict(ofBreaker(breaker, window), settings),
  }))
  const rest = verdict({ ...(pool && { pool }), ...(check && { check: checkFacts(check) }) }, settings)
  const { status, reasons } = worst([
    together(traffic),
    rest,
    ofEndpoint(endpoint, now),
    ofWarmUp(warmUp, now),
  ])
  const completions = breakers.reduce((sum, { breaker }) => sum + breaker.completions, 0)
  const failures = breakers.reduce((sum, { breaker }) => sum + failuresOf(breaker), 0)
  return {
    status,
    reasons,
    breaker: worstBreaker(breakers.map(({ breaker }) => breaker.state)),
    completions,
    failureRatio: completions === 0 ? 0 : failures / completions,
    connections,
    waiting: pool?.waiting ?? 0,
    check: check ?? null,
    endpoint: endpoint?.state ?? null,
  }
}

function ofBreaker(breaker: BreakerSnapshot, window: number): HealthFacts {
  const { state, retryAfter, lastFailure, completions } = breaker
  const failures = failuresOf(breaker)
  return {
    outcomes: { successes: completions - failures, failures, window },
    breaker: { state, retryAfter: retryAfter ?? undefined, lastFailure: lastFailure ?? undefined },
  }
}

function failuresOf({ completions, failureRatio }: BreakerSnapshot): number {
  return Math.round(completions * failureRatio)
}

function checkFacts({ up, finding, inARow, ago }: LastCheck): NonNullable<HealthFacts['check']> {
  return { up, lastFinding: finding, inARow, ago }
}

function ofEndpoint(endpoint: EndpointSnapshot | undefined, now: number): HealthVerdict {
  if (endpoint?.state !== 'ejected') return well
  const { ejectedUntil, reason } = endpoint
  const left = ejectedUntil === null ? '' : ` for ${duration(Math.max(0, ejectedUntil - now))} more`
  return unhealthy(`left out${left}: ${reason ?? 'its requests failed'}`)
}

function ofWarmUp(failure: WarmUpFailure | undefined, now: number): HealthVerdict {
  if (failure === undefined) return well
  const ago = duration(now - failure.at)
  return { status: 'degraded', reasons: [`its warm-up failed ${ago} ago: ${failure.message}`] }
}

function ofAll(origins: readonly (readonly [OriginFacts, OriginHealth])[]): HealthVerdict {
  return together(
    origins.map(([{ origin, own }, health]) => ({ label: origin, counts: own, verdict: health })),
  )
}

interface Part {
  /** What its reasons begin with. */
  readonly label: string | undefined
  /** Whether it is one of those on which the whole depends. */
  readonly counts: boolean
  readonly verdict: HealthVerdict
}

/** Parts that stand in for each other, or have little to do with each other: the whole fails when all that count do. */
function together(parts: readonly Part[]): HealthVerdict {
  const counting = parts.filter(({ counts }) => counts)
  const lost = counting.length > 0 && counting.every(({ verdict: { status } }) => status === 'unhealthy')
  const hurt = parts.some(({ verdict: { status } }) => status !== 'healthy')
  const label =
    parts.length === 1 ? () => '' : (part: Part) => (part.label === undefined ? '' : `${part.label}: `)
  const ordered = parts.toSorted((a, b) => rank(b.verdict) - rank(a.verdict))
  return {
    status: lost ? 'unhealthy' : hurt ? 'degraded' : 'healthy',
    reasons: ordered.flatMap((part) => part.verdict.reasons.map((reason) => `${label(part)}${reason}`)),
  }
}

/** Parts that all have to be well; what is worst comes first. */
function worst(parts: readonly HealthVerdict[]): HealthVerdict {
  const ordered = parts.toSorted((a, b) => rank(b) - rank(a))
  return { status: ordered[0]?.status ?? 'healthy', reasons: ordered.flatMap(({ reasons }) => reasons) }
}

const well: HealthVerdict = { status: 'healthy', reasons: [] }

function unhealthy(reason: string): HealthVerdict {
  return { status: 'unhealthy', reasons: [reason] }
}

const ranks: Readonly<Record<HealthStatus, number>> = { healthy: 0, degraded: 1, unhealthy: 2 }

function rank({ status }: HealthVerdict): number {
  return ranks[status]
}

function worstBreaker(states: readonly BreakerState[]): BreakerState {
  if (states.includes('open')) return 'open'
  return states.includes('half-open') ? 'half-open' : 'closed'
}
