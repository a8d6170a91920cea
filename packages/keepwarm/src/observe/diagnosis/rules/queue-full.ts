/** Calls were turned away at once because as many wait already as may. With all connections taken it is a symptom of that. */
import { share, sum } from '../counted.ts'
import { ownerOfPool, type OriginCase } from '../origin-case.ts'
import { REFUSED_CRITICAL_SHARE } from '../thresholds.ts'
import { suggest } from '../variables.ts'
import type { Finding } from '../verdict.ts'
import { count, duration, percent, roundUp } from '../words.ts'

export function queueFull(one: OriginCase): Finding | undefined {
  const { now, done, origin, client } = one
  const refused = done.refused['queue_full'] ?? 0
  if (refused === 0) return undefined
  // Those that were turned away may be counted among the requests or not: never more than all.
  const came = Math.max(done.requests, refused)
  const waiting =
    now.waiting + sum(Object.fromEntries(now.groups.map((group) => [group.group, group.waiting])))
  return {
    kind: 'queue_full',
    level: share(refused, came) >= REFUSED_CRITICAL_SHARE ? 'critical' : 'warn',
    client,
    origin,
    text:
      `${count(refused, 'request')} to ${origin} turned away in the last ${duration(done.ms)} ` +
      `(${percent(share(refused, came))}): as many waited already as may`,
    why: `${refused} of ${count(came, 'request')} in the last ${duration(done.ms)} met a full line`,
    cause: 'queue',
    evidence: [
      { name: 'turned away', value: `${refused} of ${came}` },
      { name: 'waiting now', value: String(waiting) },
      { name: 'in flight', value: String(now.inFlight) },
    ],
    suggestion: suggest(
      'Find out why so many wait: a slow service, or a burst. Only for short bursts a longer line helps.',
      ownerOfPool(one),
      [{ option: 'maxQueue', value: roundUp(Math.max(16, refused + waiting)) }],
    ),
  }
}
