/** What must hold of each order that the core gives: who is given what, what is dialed and closed, and who is refused. */
import type { Origin, Slot, SlotState } from '../pool/entities.ts'
import { HEAD_START } from '../pool/lanes.ts'
import type { DialReason } from '../pool/limits.ts'
import { must } from './laws.ts'
import type { Guest, PoolBooks, Socket } from './pool-books.ts'
import { limitOf, passOver } from './pool-fairness.ts'
import { HTTP2_ORIGIN } from './pool-schedule.ts'

/** The laws of a lease: before the guest is on the socket. */
export function checkLease(books: PoolBooks, guest: Guest, socket: Socket): void {
  const { slot, running } = socket
  must(guest.settled === undefined, 'a settled request is not given a connection')
  must(guest.socket === null, 'nobody is given two connections')
  must(socket.home === guest.home, 'a connection to its own origin')
  must(slot.state !== 'dialing' && slot.state !== 'gone', 'a connection that is open')
  must(running.length < slot.maxStreams, 'a connection that has room')
  must(!slot.suspended, 'a connection that is not suspended')
  must(guest.lane!.inFlight <= limitOf(guest.lane!), 'nobody goes out above the limit of the lane')
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
  if (freed && books.closing.length === 0) passOver(books, guest.home, slot)
}

/** Whoever could have had the connection as well was not in front. */
function checkTurn({ core, waiting, now }: PoolBooks, guest: Guest): void {
  const { discipline, overloadAfter } = core.limits
  for (const other of waiting) {
    if (other.home !== guest.home || other.fresh !== guest.fresh) continue
    const lane = other.lane!
    if (discipline === 'lifo' && now - lane.busySince >= overloadAfter) continue
    if (lane === guest.lane && other.priority === guest.priority) {
      must(other.turn >= guest.turn, 'first come, first served')
    } else if (guest.waited && !guest.fresh && (lane === guest.lane || limitOf(lane) === Infinity)) {
      must(rankOf(other) >= rankOf(guest), 'a priority is a head start')
    }
  }
}

/** Smaller is served earlier; those who had their turn before come first. */
function rankOf({ turn, askedAt, priority }: Guest): number {
  return turn < 0 ? -Infinity : askedAt + HEAD_START * priority
}

function checkNewest(books: PoolBooks, { home, restsSince }: Socket): void {
  for (const other of books.sockets) {
    must(
      other.home !== home || !other.slot.idle || other.restsSince <= restsSince,
      'the one that rested least is used first',
    )
  }
}

/** How long nothing is dialed for a minimum after such a dial failed, in ms, at least. */
const REFILL_PAUSE = 100

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
    const successors = dials.filter(({ replaces }) => replaces === slot.replaces).length
    must(successors === 1, 'nothing has two successors')
  } else if (openedFor === 'minimum') {
    const own = dials.filter((dial) => dial.openedFor === 'minimum').length
    must(spare || origin.ready + own <= origin.minimum, 'no more are dialed than the minimum')
    const paused = books.now < books.failedAhead[home]! + REFILL_PAUSE
    must(spare || !paused, 'the minimum is not dialed in the pause after a failed dial')
  } else if (openedFor === 'ahead') {
    must(core.limits.adaptive !== null, 'nobody is dialed ahead of a need that nobody measures')
  } else {
    const own = dials.filter(isForSomebody).length
    must(
      spare || (own - 1) * origin.streamsPerConnection < neededBy(origin),
      'dials never outnumber those who wait for one',
    )
  }
  passOver(books, home, slot)
}

/** It was begun for a request. */
export function isForSomebody({ openedFor }: Slot): boolean {
  return !ahead.includes(openedFor)
}

/** Requests for whom no connection will be free in a moment. */
export function neededBy({ go, goFresh, expected }: Origin): number {
  return goFresh + Math.max(0, go - expected)
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
  checkCloseReason(books, socket)
  if (spare || (slot.closeReason !== 'evicted' && slot.closeReason !== 'shared')) return
  const needed = books.origins.some((other) =>
    // One that is suspended may make room for a better one of its own origin.
    other === slot.origin && !slot.suspended ? other.goFresh > 0 : other.go + other.goFresh > 0,
  )
  must(needed, 'nothing makes room for nobody')
}

function checkCloseReason({ core }: PoolBooks, { slot }: Socket): void {
  const { closeReason, origin } = slot
  const atOnce = core.closes.filter((other) => other.origin === origin).length
  const before = origin.ready + atOnce
  must(closeReason !== 'idle_limit' || before > origin.minimum, 'the idle limit leaves a minimum alone')
  must(closeReason !== 'surplus' || before > origin.wanted, 'nothing that is wanted is a surplus')
  if (closeReason !== 'unneeded' || core.isClosed) return
  const left = origin.dialing * origin.streamsPerConnection
  const others = origin.open - origin.ready - origin.dialing - 1 // may have been lost in the same tick
  must(left >= neededBy(origin) || others > 0, 'no dial is called off that somebody needs')
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
