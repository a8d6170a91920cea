/**
 * What must hold in a pool at any time, checked against the books that are kept beside it. All of it is looked at after every
 * step, so it costs little: one walk over the sockets and one over those who wait.
 */
import type { Address, Origin, Slot, SlotState } from '../pool/entities.ts'
import { HEAD_START } from '../pool/lanes.ts'
import type { DialReason } from '../pool/limits.ts'
import { HTTP2_ORIGIN, ORIGINS } from './pool-schedule.ts'
import { must } from './laws.ts'
import type { Guest, PoolBooks, Socket } from './pool-books.ts'

/** An origin without any connection is not overtaken before it has waited so long, in ms … */
const PATIENCE = 200
/** … and then by so many freed connections and dials of others at most. */
export const MOST_PASSED_OVER = 8

/** What the books say of one origin. */
class Tally {
  open = 0
  dialing = 0
  ready = 0
  /** Room that will be free in a moment. */
  expected = 0
  /** Can be used at once; and never was used. */
  free = 0
  unused = 0
  /** Rest, though somebody may need their place; and are not suspended besides. */
  idle = 0
  spare = 0
  /** Dials that are not called off. */
  dialed = 0
  /** On their way out, so that room comes of them. */
  leaving = 0
  /** In line: outside of the group, in it; and of each those who need an unused connection. */
  readonly waiting: [number, number] = [0, 0]
  readonly waitingFresh: [number, number] = [0, 0]
  /** Requests on its connections. */
  readonly inFlight: [number, number] = [0, 0]
  /** How many of those in line the limit of the group lets go. */
  go = 0
  goFresh = 0

  clear(): void {
    this.open = this.dialing = this.ready = this.expected = 0
    this.free = this.unused = this.idle = this.spare = this.dialed = this.leaving = this.go = this.goFresh = 0
    for (const counts of [this.waiting, this.waitingFresh, this.inFlight]) counts.fill(0)
  }
}

const tallies: readonly Tally[] = ORIGINS.map(() => new Tally())

/** The laws of every moment. */
export function checkState(books: PoolBooks): void {
  const { core } = books
  const { limits } = core
  for (const tally of tallies) tally.clear()
  const leaving = countSockets(books)
  countGuests(books)
  must(books.opened - books.gone === core.open, 'opened − closed = open')
  books.allowed = Math.min(books.allowed, core.open)
  books.allowedDials = Math.min(books.allowedDials, core.dialing)
  must(core.open <= Math.max(limits.maxConnections, books.allowed), 'the limit of all connections')
  must(core.dialing <= Math.max(limits.maxDials, books.allowedDials), 'the limit of dials')
  must(core.waiting === books.waiting.length, 'all who wait')
  must(core.inFlight === books.running.length, 'all in flight')
  let dialing = 0
  for (let home = 0; home < tallies.length; home++) {
    const origin = books.origins[home]!
    const tally = tallies[home]!
    dialing += tally.dialing
    checkLanes(books, origin, tally)
    checkOrigin(books, origin, tally)
    checkMinimum(books, origin, tally)
    if (origin.go + origin.goFresh > 0) checkHelp(books, origin, tally, leaving)
    books.passedOver[home] = starves(books, origin) ? Math.max(0, books.passedOver[home]!) : -1
  }
  must(core.dialing === dialing, 'dials are what the sockets say')
  if (limits.maxConnectionsPerAddress !== Infinity) checkLimitOfAddresses(books)
}

function checkLimitOfAddresses({ core, sockets }: PoolBooks): void {
  const counts = new Map<Address, number>()
  for (const { slot } of sockets) {
    if (slot.address !== null) counts.set(slot.address, (counts.get(slot.address) ?? 0) + 1)
  }
  for (const [address, count] of counts) {
    must(address.open === count, 'the open ones at an address are what the sockets say')
    must(count <= core.limits.maxConnectionsPerAddress, 'the limit of an address')
  }
}

/** Counts the sockets, and says how many are on their way out, so that room comes of them. */
function countSockets(books: PoolBooks): number {
  const { core, ticked } = books
  const { maxConnections, maxIdleConnections, idleGrace } = core.limits
  const minimum = core.isClosed ? 0 : books.origins.reduce((sum, origin) => sum + origin.minimum, 0)
  let leaving = 0
  let idle = 0
  let longest = Infinity
  for (const socket of books.sockets) {
    const { slot } = socket
    const tally = tallies[socket.home]!
    tally.open++
    tally.expected += slot.expected
    must(slot.streams === socket.running.length, 'streams are what the requests say')
    must(slot.streams <= slot.maxStreams, 'streams within the connection')
    if (slot.state === 'dialing') tally.dialing++
    if (slot.state === 'dialing' && slot.closeReason === undefined) tally.dialed++
    if (slot.state === 'retiring' && slot.streams === 0 && slot.closeReason !== 'upgrade') {
      tally.leaving++
      leaving++
    }
    const usable = slot.state === 'ready' && !slot.blocked && slot.streams < slot.maxStreams
    must(slot.free === (usable && !slot.suspended), 'what can take a request is on offer, and nothing else')
    must(slot.idle === (usable && slot.streams === 0), 'what rests is idle, and nothing else')
    must(!slot.suspended || slot.expected === 0, 'nothing is expected of what is suspended')
    if (slot.state === 'ready') tally.ready++
    if (slot.free) tally.free++
    if (slot.free && slot.served === 0) tally.unused++
    if (!slot.idle) continue
    idle++
    tally.idle++
    if (slot.free) tally.spare++
    const { origin } = slot
    if (origin.ready > origin.minimum) longest = Math.min(longest, socket.restsSince)
    must(socket.restsSince + books.keepFor(socket) > ticked, 'nothing rests longer than it may')
    must(socket.lastsUntil > ticked, 'nothing rests beyond its age')
    must(!core.isClosed, 'nothing rests after the end')
  }
  must(core.idle.count === idle, 'idle is what the sockets say')
  must(
    idle === 0 || core.open - leaving <= maxConnections,
    'nothing rests above the limit of all connections',
  )
  must(
    idle <= Math.max(maxIdleConnections, minimum) || longest + idleGrace > ticked || core.wakeAt <= ticked,
    'idle ones above the limit go after the grace',
  )
  return leaving
}

function countGuests(books: PoolBooks): void {
  for (const guest of books.waiting) {
    must(guest.waiting, 'everybody either waits, runs or is settled')
    must(guest.deadline > books.ticked, 'nobody waits past the deadline')
    const { waiting, waitingFresh } = tallies[guest.home]!
    waiting[guest.grouped ? 1 : 0]++
    if (guest.fresh) waitingFresh[guest.grouped ? 1 : 0]++
  }
  for (const guest of books.running) tallies[guest.home]!.inFlight[guest.grouped ? 1 : 0]++
}

function checkLanes({ groups, allowedInGroup }: PoolBooks, origin: Origin, tally: Tally): void {
  for (const [index, lane] of origin.lanes.entries()) {
    const [waiting, fresh] = [tally.waiting[index]!, tally.waitingFresh[index]!]
    const { maxInFlight } = lane.limits
    must(lane.waiting === waiting, 'those in a lane are what the requests say')
    must(lane.fresh.count === fresh, 'the fresh line of a lane is what the requests say')
    must(lane.inFlight === tally.inFlight[index], 'those in flight of a lane are what the requests say')
    const most = groups.includes(lane) ? Math.max(maxInFlight, allowedInGroup) : Infinity
    must(lane.inFlight <= most, 'the limit of an endpoint group')
    const places = Math.max(0, maxInFlight - lane.inFlight)
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

/** Whether the limits of the origin and of its addresses allow one more. */
export function hasRoomFor({ core, sockets }: PoolBooks, { open, addresses }: Origin): boolean {
  const { maxConnectionsPerOrigin, maxConnectionsPerAddress } = core.limits
  if (open >= maxConnectionsPerOrigin) return false
  if (maxConnectionsPerAddress === Infinity || addresses === null) return true
  const count = (address: Address): number => sockets.filter(({ slot }) => slot.address === address).length
  return addresses.some((address) => count(address) < maxConnectionsPerAddress)
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

/** It has nothing to hope for, has waited for long, and there is no room: the next connection freed should be its. */
function starves(books: PoolBooks, origin: Origin): boolean {
  const { core, now, ticked } = books
  const { maxConnections } = core.limits
  if (origin.go + origin.goFresh === 0) return false
  if (origin.ready + origin.dialing > 0 || ticked < origin.dialAfter) return false
  if (core.open < maxConnections || !hasRoomFor(books, origin)) return false
  return now - origin.oldest!.queuedAt >= PATIENCE
}

/** A freed connection, or room for a dial, went to the origin `home` while others may have had nothing. */
function passOver(books: PoolBooks, home: number): void {
  for (let other = 0; other < ORIGINS.length; other++) {
    if (other === home || books.passedOver[other]! < 0 || !starves(books, books.origins[other]!)) continue
    must(++books.passedOver[other]! <= MOST_PASSED_OVER, 'no origin starves while others are served')
  }
}

/** The laws of a lease: before the guest is on the socket. */
export function checkLease(books: PoolBooks, guest: Guest, socket: Socket): void {
  const { slot, running } = socket
  must(guest.settled === undefined, 'a settled request is not given a connection')
  must(guest.socket === null, 'nobody is given two connections')
  must(socket.home === guest.home, 'a connection to its own origin')
  must(slot.state !== 'dialing' && slot.state !== 'gone', 'a connection that is open')
  must(running.length < slot.maxStreams, 'a connection that has room')
  must(!slot.suspended, 'a connection that is not suspended')
  must(!guest.fresh || socket.served === 0, 'a connection that never served for whoever needs one')
  must(
    socket.served < books.core.limits.maxRequestsPerConnection,
    'no more requests than a connection serves',
  )
  must(books.now < socket.lastsUntil, 'no connection beyond its age')
  must(
    running.length > 0 || books.now < socket.restsSince + books.keepFor(socket),
    'no connection that rested too long',
  )
  checkTurn(books, guest)
  if (!guest.waited && !guest.fresh && guest.home !== HTTP2_ORIGIN) checkNewest(books, socket)
  const freed = guest.waited && running.length === 0 && socket.served > 0
  if (freed && books.closing.length === 0) passOver(books, guest.home)
}

/** Whoever could have had the connection as well was not in front. */
function checkTurn({ core, waiting, now }: PoolBooks, guest: Guest): void {
  const { discipline, overloadAfter } = core.limits
  for (const other of waiting) {
    if (other.home !== guest.home || other.fresh !== guest.fresh) continue
    const lane = other.lane!
    if (discipline === 'lifo' && now - lane.busySince >= overloadAfter) continue
    if (other.lane === guest.lane && other.priority === guest.priority) {
      must(other.turn >= guest.turn, 'first come, first served')
    } else if (!other.grouped && guest.waited && !guest.fresh) {
      must(other.askedAt + HEAD_START * other.priority >= guest.rank, 'a priority is a head start')
    }
  }
}

function checkNewest(books: PoolBooks, { home, restsSince }: Socket): void {
  for (const other of books.sockets) {
    must(
      other.home !== home || !other.slot.idle || other.restsSince <= restsSince,
      'the one that rested least is used first',
    )
  }
}

/** Dialed for other reasons than that somebody waits. */
const ahead: readonly DialReason[] = ['warm_up', 'renewal', 'minimum', 'ahead']

/** The laws of a dial. With `spare` it need not be waited for. */
export function checkOpen(books: PoolBooks, { slot, home }: Socket, spare: boolean): void {
  const { origin, openedFor } = slot
  const { core } = books
  must(spare || books.now >= origin.dialAfter, 'nobody is dialed in the pause after a failed dial')
  const dials = dialsOf(books, origin)
  if (openedFor === 'renewal') {
    must(spare || slot.replaces!.state === 'ready', 'nothing takes the place of what is gone')
  } else if (openedFor === 'minimum') {
    const own = dials.filter((dial) => dial.openedFor === 'minimum').length
    must(spare || origin.ready + own <= origin.minimum, 'no more are dialed than the minimum')
  } else if (openedFor === 'ahead') {
    must(core.limits.adaptive !== null, 'nobody is dialed ahead of a need that nobody measures')
  } else {
    const own = dials.filter((dial) => !ahead.includes(dial.openedFor)).length
    const needed = origin.goFresh + Math.max(0, origin.go - origin.expected)
    must(
      spare || (own - 1) * origin.streamsPerConnection < needed,
      'dials never outnumber those who wait for one',
    )
  }
  passOver(books, home)
}

/** Those that are under way, and those that are ordered. */
function dialsOf({ core, dials }: PoolBooks, origin: Origin): Slot[] {
  const known = new Set([...core.opens, ...dials.map(({ slot }) => slot)])
  return [...known].filter((slot) => slot.origin === origin && slot.state === 'dialing')
}

/** The laws of an order to close. With `spare` those who needed the room may be gone. */
export function checkClose(books: PoolBooks, socket: Socket, spare: boolean): void {
  const { slot } = socket
  must(slot.streams === 0, 'nothing is closed under a request')
  must(slot.closeReason !== 'shared' || socket.served > 0, 'a connection serves before it changes hands')
  must(!books.closing.includes(socket), 'nothing is ordered closed twice')
  if (spare || (slot.closeReason !== 'evicted' && slot.closeReason !== 'shared')) return
  const needed = books.origins.some((other) =>
    // One that is suspended may make room for a better one of its own origin.
    other === slot.origin && !slot.suspended ? other.goFresh > 0 : other.go + other.goFresh > 0,
  )
  must(needed, 'nothing makes room for nobody')
}

function lastMoment({ limits }: PoolBooks['core'], { askedAt, deadline }: Guest): number {
  return limits.discipline === 'codel' ? Math.min(deadline, askedAt + limits.overloadWait) : deadline
}

/** Of a slot in these, a request may still hope. */
const hopeful: readonly SlotState[] = ['dialing', 'ready']

/** The laws of a refusal. */
export function checkRefusal({ core, now, sockets, failedDial }: PoolBooks, guest: Guest): void {
  const { refusal } = guest
  must(guest.slot === null, 'nobody with a connection is refused')
  must(
    refusal !== 'acquire_timeout' || now >= lastMoment(core, guest),
    'nobody is timed out before the deadline',
  )
  must(refusal !== 'closed' || core.isClosed, 'nobody is told of an end that is not')
  if (refusal !== 'dial_failed') return
  must(guest.failure !== undefined, 'a failed dial has its error')
  must(guest.askedAt <= failedDial, 'a dial that failed fails nobody who came after it began')
  const hope = sockets.some(({ home, slot }) => home === guest.home && hopeful.includes(slot.state))
  must(!hope, 'a failed dial fails nobody while the origin has others')
}
