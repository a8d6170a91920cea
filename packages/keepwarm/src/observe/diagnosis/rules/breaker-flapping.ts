/**
 * A breaker opens and closes again and again: the service is well for probes and fails under calls, or the breaker judges by
 * too few of them. In a true outage it does not close.
 */
import { ownerOf } from '../client-case.ts'
import type { GuardCase } from '../situation.ts'
import { FLAPS } from '../thresholds.ts'
import { suggest } from '../variables.ts'
import type { Finding } from '../verdict.ts'
import { duration, percent, roundUp } from '../words.ts'

export function breakerFlapping(one: GuardCase): Finding | undefined {
  const { client, guard, transitions, ms } = one
  const opened = transitions['opened'] ?? 0
  const closed = transitions['closed'] ?? 0
  if (opened < FLAPS || closed < FLAPS) return undefined
  const { origin, group, breaker, lastFailure, completions } = guard
  const whose = group === null ? origin : `group ${group} of ${origin}`
  const last = lastFailure === null ? '' : `; the last failure was ${lastFailure}`
  return {
    ...{ kind: 'breaker_flapping', client: client.name, origin, group, cause: 'intermittent' },
    level: breaker === 'closed' ? 'warn' : 'critical',
    text:
      `the breaker of ${whose} opened ${opened} and closed ${closed} times in the last ${duration(ms)} ` +
      `and is ${breaker} now${last}`,
    evidence: [
      {
        name: 'transitions',
        value: `${opened} opened, ${transitions['halfOpened'] ?? 0} half-opened, ${closed} closed`,
      },
      { name: 'failures in its window', value: `${percent(guard.failureRatio)} of ${completions}` },
      ...(lastFailure === null ? [] : [{ name: 'last failure', value: lastFailure }]),
    ],
    suggestion: suggest(
      'The service is well for a few calls and fails under more, or one of its instances is broken: compare its instances, ' +
        'and operations that share this breaker. If it is judged by too few calls, let it see more before it decides.',
      ownerOf(client),
      [{ option: 'breaker.minimumCompletions', value: roundUp(Math.max(40, completions * 2)) }],
    ),
  }
}
