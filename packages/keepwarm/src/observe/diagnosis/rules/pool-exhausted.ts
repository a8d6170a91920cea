/**
 * All connections to an origin are taken and calls wait for one. Why is found by comparing with what is usual: responses
 * that nobody reads, a service that holds connections for longer, or more calls.
 */
import { gained, share } from '../counted.ts'
import { enoughTime } from '../enough-time.ts'
import { acquireTimeout, ownerOfPool, type OriginCase } from '../origin-case.ts'
import {
  GAVE_UP,
  HEADROOM,
  LARGEST_STEP,
  LEAK_SHARE,
  LOAD_FACTOR,
  SLOW_AT_ALL,
  SLOW_FACTOR,
  WAIT_CRITICAL_SHARE,
  WAIT_FLOOR,
  WAIT_SHARE,
} from '../thresholds.ts'
import { useOf, type Use } from '../use.ts'
import { suggest, type Owner, type Setting } from '../variables.ts'
import type { Evidence, Finding, Suggestion } from '../verdict.ts'
import { count, duration, rate, roundDown, roundUp, times } from '../words.ts'
import { leakEvidence, leakSuggestion } from './body-leak.ts'

type Limit = 'maxConnections' | 'maxConnectionsPerOrigin' | 'maxConnectionsPerAddress'
type Cause = 'leak' | 'slow_dependency' | 'load'

export function poolExhausted(one: OriginCase): Finding | undefined {
  const { now } = one
  const gaveUp = gaveUpIn(one)
  if (!isFull(one)) return wasFull(one, gaveUp)
  const patience = acquireTimeout(one)
  const isLong = now.oldestWait >= Math.max(WAIT_FLOOR, patience * WAIT_SHARE)
  if (!isLong && gaveUp === 0) return undefined
  const isCritical = gaveUp > 0 || now.oldestWait >= patience * WAIT_CRITICAL_SHARE
  const since = duration(Math.max(now.waitingFor, now.oldestWait))
  const { most, option } = limitOf(one)
  const use =
    now.protocol === 'h2'
      ? `${now.inFlight} of ${now.maxInFlight} streams on ${now.connections} of ${most} connections in use`
      : `${now.connections} of ${most} in use`
  const what =
    `no free connection to ${one.origin} for ${since}: ${use}, ${now.waiting} waiting, ` +
    `the oldest for ${duration(now.oldestWait)}`
  const waiting = [
    { name: 'waiting', value: `${now.waiting}, the oldest for ${duration(now.oldestWait)}` },
    { name: 'blocked by', value: `${option}, ${most}` },
  ]
  return finding(one, isCritical ? 'critical' : 'warn', what, waiting, gaveUp)
}

/**
 * Nobody waits at the moment, and some gave up waiting since the snapshot before. They may have waited for a dial; but
 * connections last, so that those which were all taken are still there.
 */
function wasFull(one: OriginCase, gaveUp: number): Finding | undefined {
  const { now, done, origin } = one
  const { most } = limitOf(one)
  if (gaveUp < GAVE_UP || now.connections < most) return undefined
  const what =
    `${count(gaveUp, 'request')} to ${origin} gave up waiting for a connection in the last ${duration(done.ms)}; ` +
    `now ${now.inFlight} are in flight on ${now.connections} of ${most}`
  return finding(one, 'warn', what, [], gaveUp)
}

function finding(
  one: OriginCase,
  level: Finding['level'],
  what: string,
  waiting: readonly Evidence[],
  gaveUp: number,
): Finding {
  const { now, done, origin, client } = one
  const use = useOf(one)
  const cause = causeOf(one, use)
  const why = because(cause, use, one)
  const timesUp = { name: 'gave up waiting', value: `${gaveUp} in ${duration(done.ms)}` }
  return {
    ...{ kind: 'pool_exhausted', level, client, origin, cause },
    text: `${what}; ${why}`,
    why,
    evidence: [
      ...waiting,
      ...(gaveUp > 0 ? [timesUp] : []),
      ...compared(use),
      ...(cause === 'leak' ? leakEvidence(one) : longestHeld(one)),
    ],
    suggestion: suggestionFor(cause, use, one),
    timing: cause === 'leak' ? Infinity : Math.max(now.oldestWait, gaveUp > 0 ? acquireTimeout(one) : 0),
  }
}

/** In the line for connections: endpoint groups have their own, of which another rule speaks. */
function gaveUpIn({ now, before, done }: OriginCase): number {
  const inGroups = now.groups.map(({ group, refused }) => {
    const was = before?.groups.find((each) => each.group === group)
    return done.ms === 0 ? 0 : gained(was?.refused.acquire_timeout, refused.acquire_timeout)
  })
  return Math.max(0, (done.refused['acquire_timeout'] ?? 0) - inGroups.reduce((all, each) => all + each, 0))
}

/** Only a limit of connections: others have rules of their own, and dials that are under way are waited for. */
function isFull({ now }: OriginCase): boolean {
  return now.waiting > 0 && (now.blockedBy?.startsWith('maxConnections') ?? false)
}

function limitOf({ now, pool }: OriginCase): { most: number; option: Limit } {
  if (now.blockedBy === 'maxConnections') return { most: pool.maxConnections, option: now.blockedBy }
  if (now.blockedBy === 'maxConnectionsPerAddress') {
    return {
      most: pool.limits.maxConnectionsPerAddress ?? Math.max(1, now.connections),
      option: now.blockedBy,
    }
  }
  return { most: pool.maxConnectionsPerOrigin, option: 'maxConnectionsPerOrigin' }
}

function causeOf({ now }: OriginCase, { now: held, usual, rate: calls, usualRate }: Use): Cause {
  if (now.stalled.count >= Math.max(1, LEAK_SHARE * now.inFlight)) return 'leak'
  const slower = usual === undefined ? 0 : share(held, usual)
  const more = usualRate === undefined ? 0 : share(calls, usualRate)
  // Much load makes a service slower, and a slow one is called more often by those who try again: the larger one began.
  if (slower >= SLOW_FACTOR && slower >= more) return 'slow_dependency'
  if (more >= LOAD_FACTOR) return 'load'
  return held >= SLOW_AT_ALL || slower >= SLOW_FACTOR ? 'slow_dependency' : 'load'
}

function because(
  cause: Cause,
  { now, usual, rate: calls, usualRate }: Use,
  { now: origin }: OriginCase,
): string {
  if (cause === 'leak') {
    return `nobody reads on in ${count(origin.stalled.count, 'response')}, which hold them`
  }
  if (cause === 'slow_dependency') {
    const factor = usual === undefined ? '' : `, ${times(share(now, usual))} as long as usual`
    return `the service is slow: a call holds its connection for ${duration(now)}${factor}`
  }
  const grown = usualRate === undefined ? '' : `, ${times(share(calls, usualRate))} as many as usual`
  return `more is asked than they carry: ${rate(calls)}${grown}, ${duration(now)} each`
}

function compared({ now, usual, rate: calls, usualRate }: Use): Evidence[] {
  const was = usual === undefined ? '' : ` (usually ${duration(usual)})`
  const wasCalled = usualRate === undefined ? '' : ` (usually ${rate(usualRate)})`
  return [
    { name: 'a call holds its connection', value: `${duration(now)}${was}` },
    { name: 'calls', value: `${rate(calls)}${wasCalled}` },
  ]
}

function longestHeld({ holders }: OriginCase): Evidence[] {
  if (holders.length === 0) return []
  const each = holders
    .slice(0, 3)
    .map(({ method, path, heldFor }) => `${method} ${path} ${duration(heldFor)}`)
  return [{ name: 'held longest', value: each.join(', ') }]
}

function suggestionFor(cause: Cause, use: Use, one: OriginCase): Suggestion {
  if (cause === 'leak') return leakSuggestion(one)
  const client = ownerOfPool(one)
  if (cause === 'load') return allowMore(use, one, client)
  const text =
    'Look at the service: more connections would only press it harder. Until it is well, let calls end sooner, so that ' +
    'they do not pile up.'
  const value = one.clients.length === 1 ? enoughTime(one.clients[0]!) : undefined
  if (value === undefined || value >= use.now)
    return suggest(text, client, [{ option: 'limiter', value: true }])
  return suggest(text, client, [{ option: 'attemptTimeout', value, unit: 'ms' }])
}

/** As many as are needed at this rate, by Little's law. */
function allowMore(use: Use, one: OriginCase, client: Owner | null): Suggestion {
  const { most, option } = limitOf(one)
  const needed = Math.max((use.rate * use.now) / 1_000, one.now.inFlight + one.now.waiting) * HEADROOM
  const value = roundUp(Math.min(most * LARGEST_STEP, Math.max(most + 1, needed)))
  const { maxConnections, maxConnectionsPerOrigin } = one.pool
  const settings: Setting[] = [{ option, value }]
  // Where both are the same nobody can say which was set, and neither may stand in the way of the other.
  if (option === 'maxConnectionsPerOrigin' && value > maxConnections)
    settings.unshift({ option: 'maxConnections', value })
  if (option === 'maxConnections' && maxConnections === maxConnectionsPerOrigin)
    settings.push({ option: 'maxConnectionsPerOrigin', value })
  const text =
    `Allow about ${value} connections, if the service can take so many at once; otherwise send less, or let the limit ` +
    `follow what the service can do (limiter). Calls that may wait no longer than ${duration(roundDown(acquireTimeout(one)))} end by themselves.`
  return suggest(text, client, settings)
}
