/** A breaker refuses calls: a true outage, in which it stays open or opens again after its probes. */
import type { GuardCase } from '../situation.ts'
import type { Finding } from '../verdict.ts'
import { duration, percent } from '../words.ts'

export function breakerOpen({ client, guard, transitions, ms }: GuardCase): Finding | undefined {
  const { origin, group, breaker, forced, retryAfter, lastFailure } = guard
  if (breaker === 'closed' || forced === 'closed') return undefined
  const whose = group === null ? origin : `group ${group} of ${origin}`
  if (forced === 'open') return heldOpen(client.name, guard, whose)
  const isOpen = breaker === 'open'
  const next = retryAfter === null ? '' : `, the next probe in ${duration(retryAfter)}`
  const last = lastFailure === null ? '' : `; the last failure was ${lastFailure}`
  const refused = client.done.ended['breaker_open'] ?? 0
  return {
    ...{ kind: 'breaker_open', client: client.name, origin, group, cause: 'outage' },
    level: isOpen ? 'critical' : 'warn',
    text: isOpen
      ? `the breaker of ${whose} is open and refuses calls${next}${last}`
      : `the breaker of ${whose} lets probes through: whether it is well again shows in a moment${last}`,
    why: `${percent(guard.failureRatio)} of ${guard.completions} calls in its window failed`,
    evidence: [
      { name: 'breaker', value: breaker },
      ...(lastFailure === null ? [] : [{ name: 'last failure', value: lastFailure }]),
      ...(refused > 0 ? [{ name: 'calls refused', value: `${refused} in ${duration(client.done.ms)}` }] : []),
      { name: 'failures in its window', value: `${percent(guard.failureRatio)} of ${guard.completions}` },
      { name: 'opened', value: `${transitions['opened'] ?? 0} times in ${duration(ms)}` },
    ],
    suggestion: {
      text:
        'Look at the service: the breaker tries by itself, and closes when its probes succeed. To stop calling it ' +
        'altogether while it is repaired, hold the breaker open.',
      code: `using _ = client.breakers.force('open', '${origin}')`,
    },
  }
}

function heldOpen(client: string, { origin, group }: GuardCase['guard'], whose: string): Finding {
  return {
    kind: 'breaker_open',
    level: 'info',
    client,
    origin,
    group,
    text: `the breaker of ${whose} is held open by hand and refuses calls`,
    cause: 'forced',
    evidence: [{ name: 'breaker', value: 'forced open' }],
    suggestion: { text: 'When that is no longer wanted, dispose of what breakers.force() returned.' },
  }
}
