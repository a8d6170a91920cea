/**
 * The service takes longer to answer than usual, while dialing and waiting did not become slower. The mean alone would be
 * deceived by another mix of operations, so the middle attempt must have become slower, too.
 */
import { ownerOf, type ClientCase, type ClientDone } from '../client-case.ts'
import { mean, quantile, share } from '../counted.ts'
import { endingsOf } from '../endings.ts'
import {
  SLOW_FACTOR,
  SLOW_SAMPLES,
  SLOW_STEP,
  TIMEOUT_SAMPLES,
  TIMEOUT_SHARE,
  USUAL_SAMPLES,
} from '../thresholds.ts'
import { suggest } from '../variables.ts'
import type { Finding, Suggestion } from '../verdict.ts'
import { count, duration, listed, percent, roundUp, times } from '../words.ts'

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
  const isLate = timedOut >= TIMEOUT_SAMPLES && late >= TIMEOUT_SHARE
  const now = paceOf(done)
  const was = usual === null || usual.judged < USUAL_SAMPLES ? undefined : paceOf(usual)
  const isSlower = was !== undefined && done.judged >= SLOW_SAMPLES && hasSlowed(was, now)
  // Calls that end in our own line, or while they dial, say nothing of the service.
  const isItsTime = now.headers >= now.queued
  if (!isItsTime || !(isSlower || isLate)) return hanging(one, was)
  const factor = was === undefined ? '' : `, usually ${duration(was.headers)}`
  const compared = isSlower ? ` (${times(share(now.headers, was.headers))} as long)` : ''
  const timeouts = isLate ? `; ${percent(late)} of the calls ran into their time limit` : ''
  return {
    kind: 'slow_dependency',
    level: isLate ? 'critical' : 'warn',
    client: name,
    origin,
    text:
      `${origin ?? name} answers slowly: ${duration(now.headers)} to the head of a response` +
      `${factor}${compared}, over the last ${duration(done.ms)}${timeouts}`,
    cause: 'slow_dependency',
    evidence: [
      {
        name: 'to the head of a response',
        value: `${duration(now.headers)}${factor.replace(', ', ' (')}${factor && ')'}`,
      },
      { name: 'middle attempt', value: duration(now.middle) },
      { name: 'in line', value: `${duration(now.queued)}, ${duration(now.connect)} of it dialing` },
      { name: 'calls', value: `${done.judged} in ${duration(done.ms)}` },
      ...(isLate ? [{ name: 'ran into a time limit', value: listed({ calls: timedOut }) }] : []),
    ],
    suggestion: whatToDo(one, was),
    timing: now.headers,
  }
}

function paceOf({ phases, judged, attempt }: ClientDone): Pace {
  return {
    headers: mean(phases.headers + phases.send, judged),
    queued: mean(phases.queued, judged),
    connect: mean(phases.connect, judged),
    middle: quantile(attempt, 0.5),
  }
}

function hasSlowed(was: Pace, now: Pace): boolean {
  const isMiddleSlower = was.middle === 0 || now.middle >= was.middle * SLOW_FACTOR
  return isMiddleSlower && now.headers >= was.headers * SLOW_FACTOR && now.headers - was.headers >= SLOW_STEP
}

/** None came back in a time in which many usually do: then there is nothing whose time could be compared. */
function hanging({ done, name, origin, snapshot }: ClientCase, was: Pace | undefined): Finding | undefined {
  const { inFlight } = snapshot.calls
  if (was === undefined || done.judged > 0 || inFlight < SLOW_SAMPLES || done.started < SLOW_SAMPLES)
    return undefined
  const usual = was.headers + was.queued
  if (done.ms < Math.max(SLOW_STEP * 2, usual * SLOW_FACTOR * 5)) return undefined
  return {
    kind: 'slow_dependency',
    level: 'critical',
    client: name,
    origin,
    text:
      `${origin ?? name} has answered none of ${count(inFlight, 'call')} in the last ${duration(done.ms)}, ` +
      `usually in ${duration(usual)}`,
    cause: 'slow_dependency',
    evidence: [
      { name: 'under way', value: String(inFlight) },
      { name: 'ended', value: `0 in ${duration(done.ms)}` },
      { name: 'usual time of an answer', value: duration(usual) },
    ],
    suggestion: { text: 'Look at the service: it takes requests, and does not answer them.' },
    timing: done.ms,
  }
}

function whatToDo(one: ClientCase, was: Pace | undefined): Suggestion {
  const text =
    'Look at the service, and at what it waits for. Retries and more connections would press it harder.'
  const value = was === undefined ? 0 : Math.max(100, roundUp(was.headers * 5))
  if (value === 0 || value >= (one.snapshot.settings.timeout ?? Infinity)) return { text }
  const sooner = ' Calls that cannot be answered in time anyway may end sooner.'
  return suggest(text + sooner, ownerOf(one), [{ option: 'attemptTimeout', value, unit: 'ms' }])
}
