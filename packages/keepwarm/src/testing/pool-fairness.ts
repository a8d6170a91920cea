/** Who has room, and who is passed over for too long. */
import type { Address, Origin } from '../pool/entities.ts'
import { must } from './laws.ts'
import type { PoolBooks } from './pool-books.ts'
import { ORIGINS } from './pool-schedule.ts'

/** An origin without any connection is not overtaken before it has waited so long, in ms … */
const PATIENCE = 200
/** … and then by so many freed connections and dials of others at most. */
const MOST_PASSED_OVER = 8

/** Whether the limits of the origin and of its addresses allow one more. */
export function hasRoomFor({ core, sockets }: PoolBooks, { open, addresses }: Origin): boolean {
  const { maxConnectionsPerOrigin, maxConnectionsPerAddress } = core.limits
  if (open >= maxConnectionsPerOrigin) return false
  if (maxConnectionsPerAddress === Infinity || addresses === null) return true
  const count = (address: Address): number => sockets.filter(({ slot }) => slot.address === address).length
  return addresses.some((address) => count(address) < maxConnectionsPerAddress)
}

/** It has nothing to hope for, has waited for long, and there is no room: the next connection freed should be its. */
export function starves(books: PoolBooks, origin: Origin): boolean {
  const { core, now, ticked } = books
  const { maxConnections } = core.limits
  if (origin.go + origin.goFresh === 0) return false
  if (origin.ready + origin.dialing > 0 || ticked < origin.dialAfter) return false
  if (core.open < maxConnections || !hasRoomFor(books, origin)) return false
  return now - origin.oldest!.queuedAt >= PATIENCE
}

/** A freed connection, or room for a dial, went to the origin `home` while others may have had nothing. */
export function passOver(books: PoolBooks, home: number): void {
  for (let other = 0; other < ORIGINS.length; other++) {
    if (other === home || books.passedOver[other]! < 0 || !starves(books, books.origins[other]!)) continue
    must(++books.passedOver[other]! <= MOST_PASSED_OVER, 'no origin starves while others are served')
  }
}
