/** Who has room, and who is passed over for too long. */
import type { Address, Origin, Slot } from '../pool/entities.ts'
import type { Lane } from '../pool/lanes.ts'
import { must } from './laws.ts'
import type { PoolBooks } from './pool-books.ts'
import { ORIGINS } from './pool-schedule.ts'

/** An origin without any connection is not overtaken before it has waited so long, in ms … */
const PATIENCE = 200
/** … and then by so many freed connections and dials of others at most. */
const MOST_PASSED_OVER = 8

/** How many a lane may have in flight: what was set, or less by the word of what follows the server. */
export function limitOf({ limits, limiter }: Lane): number {
  return Math.min(limits.maxInFlight, limiter?.limit ?? Infinity)
}

/** Whether the limits of the origin and of its addresses allow one more. */
export function hasRoomFor({ core, sockets }: PoolBooks, { open, addresses }: Origin): boolean {
  const { maxConnectionsPerOrigin, maxConnectionsPerAddress } = core.limits
  if (open >= maxConnectionsPerOrigin) return false
  if (maxConnectionsPerAddress === Infinity || addresses === null) return true
  const count = (address: Address): number => sockets.filter(({ slot }) => slot.address === address).length
  return addresses.some((address) => count(address) < maxConnectionsPerAddress)
}

/**
 * Whether the next connection freed should be the origin's: it has nothing to hope for, has waited for long, and there is
 * no room in the pool, or none at its addresses.
 */
export function starves(books: PoolBooks, origin: Origin): boolean {
  const { core, now, ticked } = books
  if (origin.go + origin.goFresh === 0) return false
  if (origin.ready + origin.dialing > 0 || ticked < origin.dialAfter) return false
  if (origin.open >= core.limits.maxConnectionsPerOrigin) return false
  if (core.open >= core.limits.maxConnections === waitsAtAddress(books, origin)) return false
  return now - origin.oldest!.queuedAt >= PATIENCE
}

function waitsAtAddress({ core }: PoolBooks, { addresses }: Origin): boolean {
  const { maxConnectionsPerAddress } = core.limits
  return addresses !== null && addresses.every(({ open }) => open >= maxConnectionsPerAddress)
}

/** The slot was freed, or dialed, for the origin `home`, while others may have had nothing. */
export function passOver(books: PoolBooks, home: number, slot: Slot): void {
  for (let other = 0; other < ORIGINS.length; other++) {
    const origin = books.origins[other]!
    if (other === home || books.passedOver[other]! < 0 || !starves(books, origin)) continue
    const there = slot.address !== null && origin.addresses?.includes(slot.address) === true
    if (waitsAtAddress(books, origin) && !there) continue
    must(++books.passedOver[other]! <= MOST_PASSED_OVER, 'no origin starves while others are served')
  }
}
