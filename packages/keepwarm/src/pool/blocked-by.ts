import type { BlockedBy } from '../observe/pool-snapshot.ts'
import { hasAddress } from './address-book.ts'
import type { PoolCore } from './core.ts'
import type { Lane } from './lanes.ts'

/** What keeps the first in line from going out now; null when nobody waits, or nothing is in the way but a moment. */
export function blockedBy(core: PoolCore, lane: Lane, now: number): BlockedBy | null {
  const { origin, waiting, go, goFresh, isCut } = lane
  if (waiting === 0) return null
  if (go + goFresh === 0) return isCut ? 'limiter' : 'group'
  const needed = origin.goFresh + Math.max(0, origin.go - origin.expected)
  const onTheirWay = origin.dialing * origin.streamsPerConnection
  if (onTheirWay > 0 && onTheirWay >= needed) return 'dialing'
  if (needed === 0) return origin.streamsPerConnection > 1 ? 'server_streams' : null
  const { maxConnections, maxConnectionsPerOrigin, maxConnectionsPerAddress, maxDials } = core.limits
  if (origin.open >= maxConnectionsPerOrigin) return 'maxConnectionsPerOrigin'
  if (!hasAddress(origin, maxConnectionsPerAddress)) return 'maxConnectionsPerAddress'
  if (core.open >= maxConnections) return 'maxConnections'
  if (core.dialing >= maxDials) return 'maxDials'
  if (now < origin.dialAfter) return 'dial_backoff'
  return origin.dialing > 0 ? 'dialing' : null
}
