import { KeepwarmError } from '../errors.ts'
import type { PoolCore } from './core.ts'
import type { Waiter } from './entities.ts'
import type { Lane } from './lanes.ts'
import type { LeakWatch } from './leak-watch.ts'

/**
 * The error of a request that got no connection, with the numbers that say why.
 *
 * @param leaks knows of responses that hold a connection while nobody reads them.
 */
export function refusalError(
  core: PoolCore,
  waiter: Waiter & { readonly callBy?: number },
  now: number,
  leaks: LeakWatch,
): Error {
  const { origin, refusal, failure, queuedAt } = waiter
  if (refusal === 'dial_failed') return failure as Error
  if (refusal === 'closed') {
    return failure instanceof Error
      ? failure
      : new KeepwarmError('closed', 'the connection pool is closed', { phase: 'wait' })
  }
  const line = lineOf(waiter.lane!)
  const numbers = describeLine(core, waiter, now, leaks.count(origin))
  if (refusal === 'queue_full') {
    return new KeepwarmError('queue_full', `the line for ${line} is full: ${numbers}`, { phase: 'wait' })
  }
  // The call itself may have had less time, and its own name for it.
  const isOurs = waiter.deadline < (waiter.callBy ?? Infinity) && now >= waiter.deadline
  const waited = isOurs ? `${seconds(waiter.deadline - queuedAt)} (acquireTimeout)` : seconds(now - queuedAt)
  return new KeepwarmError('acquire_timeout', `no connection to ${line} within ${waited}: ${numbers}`, {
    phase: 'wait',
    ...(origin!.failures > 0 ? { cause: origin!.lastFailure } : {}),
  })
}

function lineOf({ origin, group }: Lane): string {
  return group === undefined ? origin.key : `${origin.key} (endpoint group ${group})`
}

/** "20 of 20 in use, 14 waiting, oldest 6.2 s, blocked by maxConnectionsPerOrigin" */
function describeLine(core: PoolCore, waiter: Waiter, now: number, unread: number): string {
  const origin = waiter.origin!
  const { oldest, waiting } = waiter.lane!
  const parts = [`${origin.open} of ${core.limits.maxConnectionsPerOrigin} connections in use`]
  if (origin.dialing > 0) parts.push(`${origin.dialing} of them dialing`)
  if (unread > 0) parts.push(`${unread} of them by responses that nobody reads on`)
  parts.push(`${waiting} waiting`)
  if (oldest !== null) parts.push(`oldest ${seconds(now - oldest.queuedAt)}`)
  const blocked = blockedBy(core, waiter, now)
  if (blocked !== undefined) parts.push(blocked)
  return parts.join(', ')
}

function blockedBy(core: PoolCore, { lane, deadline, slot }: Waiter, now: number): string | undefined {
  if (slot !== null) return 'its HTTP/2 session allows no more streams'
  const { origin, group, inFlight, maxInFlight, isCut, waiting, busySince } = lane!
  const { maxConnections, maxConnectionsPerOrigin, discipline, overloadWait } = core.limits
  if (now < deadline && discipline === 'codel') {
    const since = waiting === 0 ? '' : `, not empty for ${seconds(now - busySince)}`
    return `cut to ${overloadWait} ms because the line is overloaded${since}`
  }
  if (inFlight >= maxInFlight) {
    if (isCut) return `blocked by limit ${maxInFlight} (adaptive; ${inFlight} in flight)`
    return `blocked by maxInFlight of ${group} (${inFlight} in flight)`
  }
  if (origin.open >= maxConnectionsPerOrigin) return 'blocked by maxConnectionsPerOrigin'
  if (core.open >= maxConnections) return `blocked by maxConnections (${core.open} of ${maxConnections})`
  return origin.failures > 0 ? `the last ${origin.failures} dials failed` : undefined
}

function seconds(ms: number): string {
  return ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(1)} s`
}
