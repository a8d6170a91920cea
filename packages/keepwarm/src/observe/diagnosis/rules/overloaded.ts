/** A limit of ours that is not that of connections holds calls back, or the service asks for less. */
import type { GroupSnapshot } from '../../pool-snapshot.ts'
import { share, sum } from '../counted.ts'
import type { ClientCase } from '../client-case.ts'
import { acquireTimeout, type OriginCase } from '../origin-case.ts'
import {
  THROTTLED_SAMPLES,
  THROTTLED_SHARE,
  WAIT_CRITICAL_SHARE,
  WAIT_FLOOR,
  WAIT_SHARE,
} from '../thresholds.ts'
import { ownerOf } from '../client-case.ts'
import { suggest } from '../variables.ts'
import type { Finding } from '../verdict.ts'
import { count, duration, percent } from '../words.ts'

type Held = 'limiter' | 'group' | 'server_streams'

export function heldBackByLimit(one: OriginCase): Finding | undefined {
  const { now, origin, client } = one
  const { blockedBy, oldestWait } = now
  const patience = acquireTimeout(one)
  if (oldestWait < Math.max(WAIT_FLOOR, patience * WAIT_SHARE)) return undefined
  if (blockedBy !== 'limiter' && blockedBy !== 'group' && blockedBy !== 'server_streams') return undefined
  const group = now.groups.find((each) => each.waiting > 0 && each.blockedBy === blockedBy)
  const { inFlight, waiting } = group ?? now
  const most = mostOf(blockedBy, now, group)
  const whose = group === undefined ? origin : `group ${group.group} of ${origin}`
  return {
    ...{ kind: 'overloaded', client, origin, cause: blockedBy, timing: oldestWait },
    level: oldestWait >= patience * WAIT_CRITICAL_SHARE ? 'critical' : 'warn',
    ...(group !== undefined && { group: group.group }),
    text:
      `${names[blockedBy]} holds back ${count(waiting, 'call')} to ${whose}: ${inFlight} of ${most} in flight, ` +
      `the oldest waits for ${duration(oldestWait)}`,
    evidence: [
      { name: 'in flight', value: `${inFlight} of ${most}` },
      { name: 'waiting', value: `${waiting}, the oldest for ${duration(oldestWait)}` },
    ],
    suggestion: blockedBy === 'group' && group !== undefined ? allowMore(group) : { text: advice[blockedBy] },
  }
}

const names: Readonly<Record<Held, string>> = {
  limiter: 'the adaptive limit',
  group: 'maxInFlight of the group',
  server_streams: "the server's limit of streams",
}

const advice: Readonly<Record<Held, string>> = {
  limiter:
    'The limit follows what the service can do: it answers more slowly with more at once. Look at the service, or send ' +
    'less; a higher limiter.min would only press it harder.',
  group: 'If the service can take more of these at once, allow the group more; otherwise send less.',
  server_streams:
    'The server allows its HTTP/2 sessions no more requests at once. Look at why they take so long, or let it allow more.',
}

function mostOf(held: Held, now: OriginCase['now'], group: GroupSnapshot | undefined): number {
  if (held === 'server_streams') return now.maxInFlight
  return group === undefined ? (now.limit ?? now.inFlight) : (group.limit ?? group.maxInFlight)
}

function allowMore({ group, maxInFlight, waiting, inFlight }: GroupSnapshot): Finding['suggestion'] {
  const value = Math.min(maxInFlight * 2, inFlight + waiting)
  const text = `If the service can take more of these at once, allow the group ${value}; otherwise send less.`
  return { text, code: `groups: { ${JSON.stringify(group)}: { maxInFlight: ${value} } }` }
}

/** 429 and 503: the service is alive, and asks for less. Known by the retries that they cause. */
export function throttled(one: ClientCase): Finding | undefined {
  const { done, name, origin } = one
  const asked = sum(done.retriedFor, ['status_429'])
  const attempts = done.initial + done.retried
  if (asked < THROTTLED_SAMPLES || share(asked, attempts) < THROTTLED_SHARE) return undefined
  return {
    kind: 'overloaded',
    level: 'warn',
    client: name,
    origin,
    text:
      `${origin ?? name} asks for less: ${count(asked, 'answer')} 429 in the last ${duration(done.ms)}, ` +
      `${percent(share(asked, attempts))} of all attempts`,
    cause: 'server',
    evidence: [
      { name: 'retries after a 429', value: String(asked) },
      { name: 'attempts', value: String(attempts) },
    ],
    suggestion: suggest(
      'Send less, or let the number of calls in flight follow what the service can do.',
      ownerOf(one),
      [{ option: 'limiter', value: true }],
    ),
  }
}
