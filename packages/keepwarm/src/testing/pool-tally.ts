/** One walk over the sockets and one over the requests of the books: what they say of each origin, and what must hold of each. */
import type { Slot } from '../pool/entities.ts'
import { must } from './laws.ts'
import type { PoolBooks, Socket } from './pool-books.ts'
import { ORIGINS } from './pool-schedule.ts'

/** What the books say of one origin. */
export class Tally {
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
    this.waiting.fill(0)
    this.waitingFresh.fill(0)
    this.inFlight.fill(0)
  }
}

export const tallies: readonly Tally[] = ORIGINS.map(() => new Tally())

/** What holds of all origins together. */
export interface Totals {
  /** Sockets on their way out, so that room comes of them. */
  leaving: number
  idle: number
  /** Since when the one rests that rested longest, of those that are not kept for a minimum. */
  restsSince: number
}

/** Counts everything anew. */
export function countAll(books: PoolBooks): Totals {
  for (const tally of tallies) tally.clear()
  const totals: Totals = { leaving: 0, idle: 0, restsSince: Infinity }
  for (const socket of books.sockets) countSocket(socket, tallies[socket.home]!, totals, books)
  countGuests(books)
  return totals
}

function countSocket(socket: Socket, tally: Tally, totals: Totals, books: PoolBooks): void {
  const { slot } = socket
  tally.open++
  tally.expected += slot.expected
  must(slot.streams === socket.running.length, 'streams are what the requests say')
  must(slot.streams <= slot.maxStreams, 'streams within the connection')
  must(!slot.suspended || slot.expected === 0, 'nothing is expected of what is suspended')
  if (slot.state === 'dialing') {
    tally.dialing++
    if (slot.closeReason === undefined) tally.dialed++
  }
  if (isLeaving(slot)) {
    tally.leaving++
    totals.leaving++
  }
  if (slot.state === 'ready') tally.ready++
  const usable = slot.state === 'ready' && !slot.blocked && slot.streams < slot.maxStreams
  must(slot.free === (usable && !slot.suspended), 'what can take a request is on offer, and nothing else')
  must(slot.idle === (usable && slot.streams === 0), 'what rests is idle, and nothing else')
  const isStuck = slot.state === 'ready' && slot.blocked && slot.streams === 0 && !books.drainsLater(socket)
  must(!isStuck, 'what nothing runs on takes a request, or is about to')
  if (slot.free) tally.free++
  if (slot.free && slot.served === 0) tally.unused++
  if (slot.idle) countIdle(socket, tally, totals, books)
}

function countIdle(socket: Socket, tally: Tally, totals: Totals, books: PoolBooks): void {
  const { origin, free } = socket.slot
  totals.idle++
  tally.idle++
  if (free) tally.spare++
  if (origin.ready > origin.minimum) totals.restsSince = Math.min(totals.restsSince, socket.restsSince)
  must(socket.restsSince + books.keepFor(socket) > books.ticked, 'nothing rests longer than it may')
  must(socket.lastsUntil > books.ticked, 'nothing rests beyond its age')
  must(!books.core.isClosed, 'nothing rests after the end')
}

/** It was ordered closed, and nothing runs on it; one that was upgraded may last. */
export function isLeaving({ state, streams, closeReason }: Slot): boolean {
  return state === 'retiring' && streams === 0 && closeReason !== 'upgrade'
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
