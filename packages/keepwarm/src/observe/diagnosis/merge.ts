/** One incident is one verdict: what comes of another goes into it, as its evidence. */
import type { LoopDelay } from '../process-snapshot.ts'
import { LOOP_ALWAYS_LATE, LOOP_EXPLAINS } from './thresholds.ts'
import { worse, type Evidence, type Finding, type VerdictKind } from './verdict.ts'

/** A kind, or one of its causes. */
type Symptom = VerdictKind | `${VerdictKind} ${string}`

/** Connections end because callers leave, who do not want to wait any longer. */
const LEAVING = 'churn aborted'

/** What each kind explains, where both are about the same origin. A cause that is itself explained comes later. */
const explains: Partial<Readonly<Record<VerdictKind, readonly Symptom[]>>> = {
  unreachable: [
    'breaker_open',
    'breaker_flapping',
    'retry_storm',
    'failing',
    'pool_exhausted',
    'queue_full',
    'server_restart',
    'stale_connections',
  ],
  dns_tls: ['breaker_open', 'breaker_flapping', 'retry_storm', 'failing', 'pool_exhausted', 'queue_full'],
  breaker_flapping: [LEAVING, 'breaker_open', 'retry_storm', 'failing', 'slow_dependency', 'overloaded'],
  breaker_open: [LEAVING, 'retry_storm', 'failing', 'slow_dependency', 'overloaded'],
  pool_exhausted: [LEAVING, 'body_leak', 'queue_full', 'slow_dependency', 'failing', 'overloaded'],
  overloaded: ['queue_full', 'slow_dependency', 'retry_storm status_429', 'failing'],
  body_leak: ['queue_full'],
  slow_dependency: [LEAVING, 'retry_storm', 'failing'],
  retry_storm: ['failing', 'overloaded'],
  server_restart: ['unreachable', 'stale_connections', 'churn', 'retry_storm', 'failing'],
  stale_connections: ['churn', 'failing'],
  churn: ['stale_connections'],
}

/** Findings come in the order of the rules: a cause before what it explains. */
export function merge(findings: readonly Finding[], loop: LoopDelay | null): Finding[] {
  const causes: Finding[] = []
  for (const finding of findings) {
    if (finding.kind === 'degraded' && causes.some((cause) => isKnown(finding, cause))) continue
    const index = causes.findIndex((cause) => isExplained(finding, cause, loop))
    if (index === -1) causes.push(finding)
    else causes[index] = include(causes[index]!, finding)
  }
  return causes
}

function isExplained(finding: Finding, cause: Finding, loop: LoopDelay | null): boolean {
  if (cause.kind === 'loop_blocked') return loop !== null && isOfTheLoop(finding, loop)
  if (isSame(finding, cause)) return sharePlace(finding, cause)
  const symptoms: readonly string[] = explains[cause.kind] ?? []
  const isSymptom = symptoms.includes(finding.kind) || symptoms.includes(`${finding.kind} ${finding.cause}`)
  return isSymptom && sharePlace(finding, cause)
}

/** Whatever was found of a client is why its health is not good. */
function isKnown(finding: Finding, cause: Finding): boolean {
  return cause.kind !== 'loop_blocked' && sharePlace(finding, cause)
}

/** A time that the delays of the loop make up is no fault of a service. */
function isOfTheLoop({ timing }: Finding, { p50, max }: LoopDelay): boolean {
  if (timing === undefined || timing === Infinity) return false
  return p50 >= LOOP_ALWAYS_LATE || timing < max * LOOP_EXPLAINS
}

/** What two rules see of one thing. */
function isSame(one: Finding, other: Finding): boolean {
  return one.kind === other.kind && one.cause === other.cause && (one.group ?? null) === (other.group ?? null)
}

/** Of two clients of one origin each has its own calls; what is said of the origin is said of both. */
function sharePlace(one: Finding, other: Finding): boolean {
  const agree = (a: string | null, b: string | null): boolean => a === null || b === null || a === b
  if (one.origin === null && other.origin === null) return one.client === other.client
  return agree(one.origin, other.origin) && agree(one.client, other.client)
}

/** What our own delays make up is not worse than they are, and that dials were refused while a server restarted is over. */
function isOver(cause: Finding, symptom: Finding): boolean {
  if (cause.kind === 'loop_blocked') return true
  return cause.kind === 'server_restart' && symptom.kind !== 'failing' && symptom.kind !== 'retry_storm'
}

function include(cause: Finding, symptom: Finding): Finding {
  const isOfLoop = cause.kind === 'loop_blocked'
  const place = isOfLoop ? ` of ${symptom.client ?? symptom.origin}` : ''
  const known = new Set(cause.evidence.map(({ name }) => name))
  const more: readonly Evidence[] = isOfLoop
    ? [{ name: `not to be believed${place}`, value: symptom.kind }]
    : symptom.evidence
  const kinds = new Set([...(cause.includes ?? []), symptom.kind, ...(symptom.includes ?? [])])
  kinds.delete(cause.kind)
  return {
    ...cause,
    level: isOver(cause, symptom) ? cause.level : worse(cause.level, symptom.level),
    evidence: [...cause.evidence, ...more.filter(({ name }) => !known.has(name))],
    ...(kinds.size > 0 && { includes: [...kinds] }),
  }
}
