import type { AttemptsOfOrigin, ClientSnapshot, GuardSnapshot, PhaseTotals } from '../snapshot.ts'
import { otherServer, type OriginNames } from './origin-names.ts'
import type { Attributes, Readings } from './readings.ts'

/** Codes that say that we refused, not the server. */
const refusals = ['queue_full', 'acquire_timeout'] as const

/** Under which a client counts what is beyond the most that it tells apart. */
const OTHERS = '(others)'

export function readClient(client: ClientSnapshot, origins: OriginNames, into: Readings): void {
  const named = { 'keepwarm.client.name': client.name }
  into.addHistogram('keepwarm.client.operation.duration', named, client.histograms.call)
  readCalls(client, named, into)
  readOperations(client, named, into)
  readAttempts(client, named, into)
  for (const one of client.attemptsByOrigin)
    readOrigin(one, { ...named, ...serverOf(one.origin, origins) }, into)
  into.addEach('keepwarm.client.phase.time', named, 'phase', apart(client.phases))
  const states = ['healthy', 'degraded', 'unhealthy']
  into.addState('keepwarm.client.health', named, 'status', states, client.health.status)
  for (const guard of client.guards) readGuard(guard, { ...named, ...origins.attributes(guard.origin) }, into)
}

function readOrigin(
  { ended, attempt, queue }: AttemptsOfOrigin,
  attributes: Attributes,
  into: Readings,
): void {
  into.addHistogram('http.client.request.duration', attributes, attempt)
  into.addHistogram('http.client.request.time_in_queue', attributes, queue)
  into.addEach('keepwarm.client.attempt.outcomes', attributes, 'outcome', ended)
}

function serverOf(origin: string, origins: OriginNames): Attributes {
  return origin === OTHERS ? otherServer : origins.attributes(origin)
}

function readOperations({ operations }: ClientSnapshot, named: Attributes, into: Readings): void {
  for (const [name, figures] of Object.entries(operations)) {
    const {
      successful_requests: successful,
      failed_requests: failed,
      cancelled_requests: cancelled,
    } = figures
    const attributes = { ...named, 'keepwarm.operation': name === OTHERS ? '_other' : name }
    into.addEach('keepwarm.client.operation.calls', attributes, 'outcome', { successful, failed, cancelled })
    const time = (figures.avg_duration_ms * figures.total_requests) / 1_000
    into.add('keepwarm.client.operation.time', attributes, time)
  }
}

function readCalls({ calls, attemptsEnded }: ClientSnapshot, named: Attributes, into: Readings): void {
  into.add('keepwarm.client.calls.started', named, calls.started)
  into.addEach('keepwarm.client.calls', named, 'outcome', calls.ended)
  into.add('keepwarm.client.active_calls', named, calls.inFlight)
  const refused = (reason: string, count: number | undefined): void =>
    into.add('keepwarm.client.rejections', { ...named, reason }, count ?? 0)
  for (const reason of ['breaker_open', 'closed']) refused(reason, calls.ended[reason])
  for (const reason of refusals) refused(reason, attemptsEnded[reason])
}

function readAttempts(client: ClientSnapshot, named: Attributes, into: Readings): void {
  const { attempts, retries, hedgesWon } = client
  into.addEach('keepwarm.client.attempts', named, 'reason', { ...attempts })
  into.addEach('keepwarm.client.retries', named, 'reason', retries.byReason)
  into.addEach('keepwarm.client.retries.suppressed', named, 'reason', retries.suppressed)
  into.add('keepwarm.client.hedges.won', named, hedgesWon)
}

/** In seconds, and so that they add up: a dial is a part of the wait. */
function apart(phases: PhaseTotals): Record<string, number> {
  const { before, queued, connect, send, headers, download } = phases
  const all = { before, queue: Math.max(0, queued - connect), connect, send, headers, download }
  return Object.fromEntries(Object.entries(all).map(([phase, ms]) => [phase, ms / 1_000]))
}

function readGuard(guard: GuardSnapshot, server: Attributes, into: Readings): void {
  const { breaker, transitions, budget } = guard
  const attributes = { ...server, 'keepwarm.endpoint.group': guard.group ?? undefined }
  into.addState(
    'keepwarm.client.circuit.state',
    attributes,
    'state',
    ['closed', 'half-open', 'open'],
    breaker,
  )
  into.addEach('keepwarm.client.circuit.transitions', attributes, 'to', {
    open: transitions.opened,
    'half-open': transitions.halfOpened,
    closed: transitions.closed,
  })
  if (budget.cap > 0) into.add('keepwarm.client.retry.budget', attributes, budget.tokens / budget.cap)
}
