/**
 * Retries multiply what the service is asked, and do not help. Where one operation causes nearly all of them, that one is
 * broken, and the service is not.
 */
import { ownerOf, type ClientCase, type OperationDone } from '../client-case.ts'
import { share } from '../counted.ts'
import { endingsOf } from '../endings.ts'
import {
  EFFECTIVE_FLOOR,
  FLAKY_CALLS,
  FLAKY_SHARE,
  STORM_CRITICAL_FACTOR,
  STORM_FACTOR,
  STORM_SAMPLES,
} from '../thresholds.ts'
import { suggest } from '../variables.ts'
import type { Finding, Suggestion } from '../verdict.ts'
import { duration, listed, percent } from '../words.ts'

export function retryStorm(one: ClientCase): Finding | undefined {
  const { done, name, origin, snapshot } = one
  const unpaid = done.notRetried['budget_empty'] ?? 0
  const factor = 1 + share(done.retried, done.initial)
  const isStorm = done.retried >= STORM_SAMPLES && factor >= STORM_FACTOR
  if (!isStorm && unpaid < STORM_SAMPLES) return undefined
  const flaky = flakyOperation(one)
  const { effective } = endingsOf(done.ended)
  const { success } = endingsOf(done.attemptsEnded)
  const isEmpty = unpaid > 0 || snapshot.guards.some(({ budget }) => budget.tokens < 1)
  const isCritical =
    flaky === undefined && effective < EFFECTIVE_FLOOR && (isEmpty || factor >= STORM_CRITICAL_FACTOR)
  const budget = isEmpty ? '; the budget for retries is empty' : ''
  const what = flaky === undefined ? `calls to ${origin ?? name}` : `calls of ${flaky}`
  return {
    ...{ kind: 'retry_storm', client: name, origin },
    level: isCritical ? 'critical' : 'warn',
    text:
      `${what} are sent ${factor.toFixed(1)} times on average, with ${done.retried} retries ` +
      `in the last ${duration(done.ms)}; ${percent(success)} of attempts and ${percent(effective)} of calls succeed${budget}`,
    cause: flaky === undefined ? mainReason(done.retriedFor) : 'one_operation',
    evidence: [
      { name: 'attempts for each call', value: factor.toFixed(2) },
      { name: 'actual success', value: percent(success) },
      { name: 'effective success', value: percent(effective) },
      { name: 'retries by reason', value: listed(done.retriedFor) || 'none' },
      ...(unpaid > 0 ? [{ name: 'not retried, budget empty', value: String(unpaid) }] : []),
      ...(flaky === undefined ? [] : [{ name: 'operation', value: flaky }]),
    ],
    suggestion: suggestionFor(one, flaky, effective),
  }
}

function mainReason(reasons: Readonly<Record<string, number>>): string {
  return Object.entries(reasons).sort(([, a], [, b]) => b - a)[0]?.[0] ?? 'failures'
}

/** The operation whose calls nearly all of the additional attempts are, while others are well. */
function flakyOperation({ done }: ClientCase): string | undefined {
  const extra = (each: OperationDone): number => Math.max(0, each.total_attempts - each.total_requests)
  const all = done.retried
  const found = Object.entries(done.operations).find(
    ([, each]) => extra(each) >= all * FLAKY_SHARE && each.total_requests <= done.judged * FLAKY_CALLS,
  )
  return found?.[0]
}

function suggestionFor(one: ClientCase, flaky: string | undefined, effective: number): Suggestion {
  if (flaky !== undefined) {
    return { text: `Look at what ${flaky} does at the service; the other operations are well.` }
  }
  if (effective >= EFFECTIVE_FLOOR) {
    return { text: 'Retries mend it, at the cost of more load: look at why the service fails so often.' }
  }
  return suggest(
    'Look at the service. Retries do not help while it fails for all, and press it harder: one attempt more is enough.',
    ownerOf(one),
    [{ option: 'retry.attempts', value: 2 }],
  )
}
