/**
 * The service takes longer to answer than usual, while dialing and waiting did not become slower. The mean alone would be
 * deceived by another mix of operations, so the middle attempt must have become slower, too.
 */
import { ownerOf, type ClientCase, type ClientDone } from '../client-case.ts'
import { mean, quantile, share, sum } from '../counted.ts'
import { enoughTime } from '../enough-time.ts'
import type { OriginCase } from '../origin-case.ts'
import { endingsOf } from '../endings.ts'
import {
  SLOW_FACTOR,
  SLOW_SAMPLES,
  SLOW_STEP,
  TIMEOUT_SAMPLES,
  TIMEOUT_SHARE,
  UNANSWERED_FACTOR,
  USUAL_SAMPLES,
} from '../thresholds.ts'
import { suggest } from '../variables.ts'
import type { Finding, Suggestion } from '../verdict.ts'
import { count, duration, percent, times } from '../words.ts'

interface Pace {
  /** To the head of an answer, in ms. */
  readonly headers: number
  readonly queued: number
  readonly connect: number
  /** Of the middle attempt, to its end. */
  readonly middle: number
}

export function slowDependency(one: ClientCase): Finding | undefined {
  const { done, usual, name, origin } = one
  const { timedOut } = endingsOf(done.ended)
  const late = share(timedOut, done.judged)
  const now = paceOf(done)
  const isLate = timedOut >= TIMEOUT_SAMPLES && late >= TIMEOUT_SHARE && isAtService(done)
  const was = usual === null || usual.judged < USUAL_SAMPLES ? undefined : paceOf(usual)
  const isSlower = was !== undefined && done.judged >= SLOW_SAMPLES && hasSlowed(was, now)
  // Calls that end in our own line, or while they dial, say nothing of the service.
  const isItsTime = now.headers >= now.queued
  if (!isItsTime || !(isSlower || isLate)) return origin === null ? slowOrigin(one) : undefined
  const factor = was === undefined ? '' : `, usually ${duration(was.headers)}`
  const compared = isSlower ? ` (${times(share(now.headers, was.headers))} as long)` : ''
  const timeouts = isLate ? `; ${percent(late)} of the calls ran into their time limit` : ''
  return {
    ...{ kind: 'slow_dependency', client: name, origin, cause: 'slow_dependency', timing: now.headers },
    level: isLate ? 'critical' : 'warn',
    text:
      `${origin ?? name} answers slowly: ${duration(now.headers)} to the head of a response` +
      `${factor}${compared}, over the last ${duration(done.ms)}${timeouts}`,
    evidence: [
      {
        name: 'to the head of a response',
        value: `${duration(now.headers)}${was === undefined ? '' : ` (usually ${duration(was.headers)})`}`,
      },
      { name: 'middle attempt', value: duration(now.middle) },
      { name: 'in line', value: `${duration(now.queued)}, ${duration(now.connect)} of it dialing` },
      { name: 'calls', value: `${done.judged} in ${duration(done.ms)}` },
      ...(isLate ? [{ name: 'ran into a time limit', value: `${timedOut} calls` }] : []),
    ],
    suggestion: suggestionFor(one, now),
  }
}

/** Cancelled calls have their times in the phases, too. */
function paceOf({ phases, ended, attempt }: ClientDone): Pace {
  const calls = sum(ended)
  return {
    headers: mean(phases.headers + phases.send, calls),
    queued: mean(phases.queued, calls),
    connect: mean(phases.connect, calls),
    middle: quantile(attempt, 0.5),
  }
}

/** A deadline may also go by in pauses between attempts that failed quickly. */
function isAtService({ phases, attemptsEnded }: ClientDone): boolean {
  const { before, queued, headers, download } = phases
  return headers + download >= before + queued || (attemptsEnded['attempt_timeout'] ?? 0) >= TIMEOUT_SAMPLES
}

/** One of several that a client calls, by its attempts; the others hide it in what is usual for all. */
function slowOrigin({ done, usual, name }: ClientCase): Finding | undefined {
  const paces = done.byOrigin.flatMap(({ origin, attempt }) => {
    const before = usual?.byOrigin.find((each) => each.origin === origin)?.attempt
    if (before === undefined || before.count < USUAL_SAMPLES || attempt.count < SLOW_SAMPLES) return []
    const [was, now] = [before, attempt].map((each) => (each.sum * 1_000) / each.count) as [number, number]
    const isMiddleSlower = quantile(attempt, 0.5) >= quantile(before, 0.5) * SLOW_FACTOR
    const isSlower = isMiddleSlower && now >= was * SLOW_FACTOR && now - was >= SLOW_STEP
    return isSlower ? [{ origin, was, now, attempts: attempt.count }] : []
  })
  const [worst] = paces.sort((a, b) => b.now / b.was - a.now / a.was)
  if (worst === undefined) return undefined
  const { origin, was, now, attempts } = worst
  return {
    kind: 'slow_dependency',
    level: 'warn',
    client: name,
    origin,
    text:
      `${origin} answers slowly: an attempt takes ${duration(now)}, usually ${duration(was)} ` +
      `(${times(share(now, was))} as long), over the last ${duration(done.ms)}`,
    cause: 'slow_dependency',
    evidence: [
      { name: 'an attempt', value: `${duration(now)} (usually ${duration(was)})` },
      { name: 'attempts', value: `${attempts} in ${duration(done.ms)}` },
      { name: 'origins that slowed down', value: `${paces.length} of ${done.byOrigin.length}` },
    ],
    suggestion: { text: 'Look at this one: what differs between it and the others that the client calls.' },
    timing: now,
  }
}

function hasSlowed(was: Pace, now: Pace): boolean {
  const isMiddleSlower = was.middle === 0 || now.middle >= was.middle * SLOW_FACTOR
  return isMiddleSlower && now.headers >= was.headers * SLOW_FACTOR && now.headers - was.headers >= SLOW_STEP
}

/** None came back in a time in which many usually do: then there is nothing whose time could be compared. */
export function unanswered(one: OriginCase): Finding | undefined {
  const { now, done, usual, origin, client } = one
  // Those whose answer nobody reads have one.
  const hanging = now.inFlight - now.stalled.count
  if (usual === null || usual.use.count < USUAL_SAMPLES || done.use.count > 0) return undefined
  if (hanging < SLOW_SAMPLES || done.requests < SLOW_SAMPLES) return undefined
  const usually = mean(usual.use.total, usual.use.count)
  if (done.ms < Math.max(SLOW_STEP * 2, usually * UNANSWERED_FACTOR)) return undefined
  return {
    kind: 'slow_dependency',
    level: 'critical',
    client,
    origin,
    text:
      `${origin} has answered none of ${count(hanging, 'request')} in the last ${duration(done.ms)}, ` +
      `which usually takes ${duration(usually)}`,
    cause: 'slow_dependency',
    evidence: [
      { name: 'under way', value: String(hanging) },
      { name: 'answered', value: `0 in ${duration(done.ms)}` },
      { name: 'usual time of a request', value: duration(usually) },
    ],
    suggestion: { text: 'Look at the service: it takes requests, and does not answer them.' },
    timing: done.ms,
  }
}

function suggestionFor(one: ClientCase, now: Pace): Suggestion {
  const text =
    'Look at the service, and at what it waits for. Retries and more connections would press it harder.'
  const value = enoughTime(one)
  if (value === undefined || value >= now.headers) return { text }
  const sooner = ' Calls that cannot be answered in time anyway may end sooner.'
  return suggest(text + sooner, ownerOf(one), [{ option: 'attemptTimeout', value, unit: 'ms' }])
}
