/**
 * What must hold in a pool at any time, checked against the books that are kept beside it. All of it is looked at after
 * every step, so it costs little: one walk over the sockets and one over those who wait.
 */
import type { Address, Origin } from '../pool/entities.ts'
import { must } from './laws.ts'
import type { PoolBooks } from './pool-books.ts'
import { hasRoomFor, limitOf, starves } from './pool-fairness.ts'
import { isForSomebody } from './pool-order-laws.ts'
import { countAll, isLeaving, tallies, type Tally, type Totals } from './pool-tally.ts'

/** The laws of every moment. */
export function checkState(books: PoolBooks): void {
  const totals = countAll(books)
  checkTotals(books, totals)
  for (let home = 0; home < tallies.length; home++) {
    const origin = books.origins[home]!
    const tally = tallies[home]!
    checkLanes(books, origin, tally)
    checkOrigin(books, origin, tally)
    checkMinimum(books, origin, tally)
    checkOrphans(books, home)
    if (origin.go + origin.goFresh > 0) checkHelp(books, origin, tally, totals.leaving)
    books.passedOver[home] = starves(books, origin) ? Math.max(0, books.passedOver[home]!) : -1
  }
  if (books.core.limits.maxConnectionsPerAddress !== Infinity) checkLimitOfAddresses(books)
}

function checkTotals(books: PoolBooks, totals: Totals): void {
  const { core } = books
  const { maxConnections, maxDials } = core.limits
  books.allowed = Math.min(books.allowed, core.open)
  books.allowedDials = Math.min(books.allowedDials, core.dialing)
  must(books.opened - books.gone === core.open, 'opened − closed = open')
  must(core.open <= Math.max(maxConnections, books.allowed), 'the limit of all connections')
  must(core.dialing <= Math.max(maxDials, books.allowedDials), 'the limit of dials')
  must(core.waiting === books.waiting.length, 'all who wait')
  must(core.inFlight === books.running.length, 'all in flight')
  let dialing = 0
  for (const tally of tallies) dialing += tally.dialing
  must(core.dialing === dialing, 'dials are what the sockets say')
  checkIdle(books, totals)
}

function checkIdle({ core, origins, ticked }: PoolBooks, { idle, leaving, restsSince }: Totals): void {
  const { maxConnections, maxIdleConnections, idleGrace } = core.limits
  let minimum = 0
  if (!core.isClosed) for (const origin of origins) minimum += origin.minimum
  must(core.idle.count === idle, 'idle is what the sockets say')
  must(
    idle === 0 || core.open - leaving <= maxConnections,
    'nothing rests above the limit of all connections',
  )
  must(
    idle <= Math.max(maxIdleConnections, minimum) || restsSince + idleGrace > ticked || core.wakeAt <= ticked,
    'idle ones above the limit go after the grace',
  )
}

function checkLimitOfAddresses({ core, sockets }: PoolBooks): void {
  const counts = new Map<Address, { open: number; leaving: number }>()
  for (const { slot } of sockets) {
    if (slot.address === null) continue
    const count = counts.get(slot.address) ?? { open: 0, leaving: 0 }
    count.open++
    if (isLeaving(slot)) count.leaving++
    counts.set(slot.address, count)
  }
  for (const [address, { open, leaving }] of counts) {
    must(address.open === open, 'the open ones at an address are what the sockets say')
    must(address.closing === leaving, 'those that leave an address are what the sockets say')
    must(open <= core.limits.maxConnectionsPerAddress, 'the limit of an address')
  }
}

function checkLanes({ inFlightBefore }: PoolBooks, origin: Origin, tally: Tally): void {
  for (let index = 0; index < origin.lanes.length; index++) {
    const lane = origin.lanes[index]!
    const waiting = tally.waiting[index]!
    const fresh = tally.waitingFresh[index]!
    const most = limitOf(lane)
    must(lane.maxInFlight === most, 'the limit of a lane is what was set, and what its limiter says')
    must(lane.waiting === waiting, 'those in a lane are what the requests say')
    must(lane.fresh.count === fresh, 'the fresh line of a lane is what the requests say')
    must(lane.inFlight === tally.inFlight[index], 'those in flight of a lane are what the requests say')
    must(lane.inFlight <= Math.max(most, inFlightBefore.get(lane) ?? 0), 'the limit of a lane')
    inFlightBefore.set(lane, lane.inFlight)
    const places = Math.max(0, most - lane.inFlight)
    const goFresh = Math.min(fresh, places)
    tally.goFresh += goFresh
    tally.go += Math.min(waiting - fresh, places - goFresh)
  }
  must(origin.inFlight === tally.inFlight[0] + tally.inFlight[1], 'those in flight are what the requests say')
  must(origin.waiting === tally.waiting[0] + tally.waiting[1], 'those in line are what the requests say')
  must(origin.go === tally.go, 'those who may go out are what the requests say')
  must(origin.goFresh === tally.goFresh, 'those who may go out on an unused one are what the requests say')
}

function checkOrigin({ core, allowed }: PoolBooks, origin: Origin, tally: Tally): void {
  must(origin.open === tally.open, 'the open ones of an origin are what the sockets say')
  must(origin.dialing === tally.dialing, 'the dials of an origin are what the sockets say')
  must(origin.idle === tally.idle, 'the idle ones of an origin are what the sockets say')
  must(origin.ready === tally.ready, 'the ready ones of an origin are what the sockets say')
  must(origin.expected === tally.expected, 'the room to come of an origin is what the sockets say')
  const most = Math.max(core.limits.maxConnectionsPerOrigin, allowed)
  must(tally.open <= most, 'the limit of an origin')
  must(!core.isClosed || tally.dialed === 0 || origin.waiting > 0, 'nobody is dialed for after the end')
  must(tally.go === 0 || tally.free === 0, 'nothing is free while somebody waits for it')
  must(tally.goFresh === 0 || tally.unused === 0, 'a connection that never served goes to whoever needs one')
}

/** An origin waits for room at an address. */
function checkAddresses({ core, sockets }: PoolBooks, { addresses }: Origin, anyLeaving: number): void {
  if (core.open >= core.limits.maxConnections && anyLeaving > 0) return // looked at again when that one is gone
  const there = sockets.filter(({ slot }) => addresses!.some((address) => address === slot.address))
  const leaving = there.some(({ slot }) => slot.state === 'retiring' && slot.streams === 0)
  must(leaving || !there.some(({ slot }) => slot.idle), 'an idle connection makes room at its address')
}

function checkMinimum(books: PoolBooks, origin: Origin, tally: Tally): void {
  const { core, ticked } = books
  const { maxConnections, maxDials } = core.limits
  if (core.isClosed || tally.ready + tally.dialing >= origin.minimum) return
  if (core.open >= maxConnections || core.dialing >= maxDials) return
  if (!hasRoomFor(books, origin)) return
  const due = Math.max(origin.refillAfter, origin.dialAfter)
  must(due > ticked, 'the minimum is kept, up to the limits')
  must(core.wakeAt <= due, 'the pool is woken to keep the minimum')
}

/** For how long a dial may be under way that nobody needs, in ms: it is looked at every five seconds, and may be needed then. */
const ORPHAN_GRACE = 10_000

function checkOrphans({ dials, orphanedSince, ticked }: PoolBooks, home: number): void {
  if (orphanedSince[home]! + ORPHAN_GRACE > ticked) return
  const kept = dials.some(
    (dial) => dial.home === home && isForSomebody(dial.slot) && dial.dialedAt + ORPHAN_GRACE <= ticked,
  )
  must(!kept, 'a dial that nobody needs is called off after a while')
}

/** Whoever waits has a dial, a connection about to be free, or a limit in the way, and room is being made. */
function checkHelp(books: PoolBooks, origin: Origin, tally: Tally, leaving: number): void {
  const { core } = books
  const { limits } = core
  const stuck = tally.open >= limits.maxConnectionsPerOrigin && tally.dialing + tally.leaving === 0
  must(
    !stuck || tally.goFresh === 0 || tally.spare === 0,
    'a used connection gives its place up for the unused one that somebody needs',
  )
  if (books.ticked < origin.dialAfter || tally.open >= limits.maxConnectionsPerOrigin) return
  const dialed = tally.dialing * origin.streamsPerConnection
  if (tally.goFresh + Math.max(0, tally.go - tally.expected) <= dialed) return
  if (core.dialing >= limits.maxDials) return
  if (!hasRoomFor(books, origin)) return checkAddresses(books, origin, leaving)
  must(core.open >= limits.maxConnections, 'whoever waits is dialed for, up to the limits')
  must(core.idle.count === 0 || leaving > 0, 'an idle connection makes room for those who wait')
}
