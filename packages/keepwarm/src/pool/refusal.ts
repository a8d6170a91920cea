import { KeepwarmError } from '../errors.ts'
import type { PoolCore } from './core.ts'
import type { Waiter } from './entities.ts'

/** The error of a request that got no connection, with the numbers that say why. */
export function refusalError(core: PoolCore, waiter: Waiter, now: number): Error {
  const { origin, refusal, failure, queuedAt } = waiter
  if (refusal === 'dial_failed') return failure as Error
  if (refusal === 'closed') {
    return failure instanceof Error
      ? failure
      : new KeepwarmError('closed', 'the connection pool is closed', { phase: 'wait' })
  }
  const numbers = describeLine(core, waiter, now)
  if (refusal === 'queue_full') {
    return new KeepwarmError('queue_full', `the line for ${origin!.key} is full: ${numbers}`, {
      phase: 'wait',
    })
  }
  const waited = seconds(now - queuedAt)
  return new KeepwarmError(
    'acquire_timeout',
    `no connection to ${origin!.key} within ${waited}: ${numbers}`,
    {
      phase: 'wait',
      ...(origin!.failures > 0 ? { cause: origin!.lastFailure } : {}),
    },
  )
}

/** "20 of 20 in use, 14 waiting, oldest 6.2 s, blocked by maxConnectionsPerOrigin" */
function describeLine(core: PoolCore, waiter: Waiter, now: number): string {
  const origin = waiter.origin!
  const { maxConnections, maxConnectionsPerOrigin } = core.limits
  const parts = [`${origin.open} of ${maxConnectionsPerOrigin} connections in use`]
  if (origin.dialing > 0) parts.push(`${origin.dialing} of them dialing`)
  parts.push(`${origin.waiting} waiting`)
  const { oldest } = origin
  if (oldest !== null) parts.push(`oldest ${seconds(now - oldest.queuedAt)}`)
  if (origin.open >= maxConnectionsPerOrigin) parts.push('blocked by maxConnectionsPerOrigin')
  else if (core.open >= maxConnections)
    parts.push(`blocked by maxConnections (${core.open} of ${maxConnections})`)
  else if (origin.failures > 0) parts.push(`the last ${origin.failures} dials failed`)
  return parts.join(', ')
}

function seconds(ms: number): string {
  return ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(1)} s`
}
