/** What requests do in a world around the pool's core: they come, end, leave, and go again. */
import type { SampleOutcome } from '../limit/limiter.ts'
import type { Lane } from '../pool/lanes.ts'
import { must } from './laws.ts'
import { Guest, nth, PoolBooks, put } from './pool-books.ts'
import { hasRoomFor, limitOf } from './pool-fairness.ts'
import { ORIGINS } from './pool-schedule.ts'
import { isLeaving } from './pool-tally.ts'

const outcomes: readonly SampleOutcome[] = ['success', 'overload', 'lost']

export class PoolRequests extends PoolBooks {
  private lastTurn = 0
  private firstTurn = 0

  protected ask(origin: number, patience: number, fickle: boolean, kind: number): void {
    const home = origin % ORIGINS.length
    const guest = new Guest(home, this.now + patience, fickle, kind)
    const full = this.isFull(this.laneOf(guest))
    const { isClosed } = this.core
    this.asked++
    this.line(guest, false)
    must(!isClosed || guest.refusal === 'closed', 'nobody is served who came after the end')
    must(!(guest.waiting && full), 'the line is bounded')
    must(guest.refusal !== 'queue_full' || full, 'nobody is sent away while the line has room')
  }

  /** So many wait for whom no dial is under way, and no more may be dialed. */
  private isFull(lane: Lane): boolean {
    const { origin, limits, inFlight, waiting } = lane
    const { limits: all, open, dialing } = this.core
    const places = Math.max(0, limitOf(lane) - inFlight)
    const gives = open >= all.maxConnections && hasRoomFor(this, origin) ? this.givingWay : 0
    const promised = Math.min(places, origin.dialing * origin.streamsPerConnection + origin.expected + gives)
    const room = open < all.maxConnections && dialing < all.maxDials
    const mayDial = room && hasRoomFor(this, origin) && this.now >= origin.dialAfter
    return waiting - promised >= limits.maxQueue && !(mayDial && waiting < places)
  }

  /** Connections that are idle, or on their way out. */
  private get givingWay(): number {
    return this.sockets.filter(({ slot }) => slot.idle || isLeaving(slot)).length
  }

  private line(guest: Guest, front: boolean): void {
    guest.askedAt = this.now
    guest.turn = front ? --this.firstTurn : ++this.lastTurn
    if (front) this.core.again(guest, guest.deadline, this.now)
    else this.core.acquire(guest, this.laneOf(guest), guest.deadline, this.now)
    guest.waited = guest.waiting
    if (guest.waiting) put(this.waiting, guest)
  }

  protected finish(n: number, drains: number): void {
    const guest = nth(this.running, n)
    if (guest === undefined) return
    const { slot } = guest.socket!
    if (slot.maxStreams === 1) this.drains.push({ socket: guest.socket!, at: this.now + drains })
    this.heardAt[guest.home] = this.now
    this.settle(guest, 'answered')
    this.core.released(guest, this.now)
    this.carryOut()
  }

  protected sample(n: number, outcome: number, rtt: number, count: number, chance: number): void {
    const guest = nth(this.running, n)
    if (guest === undefined) return
    for (let i = 0; i < count; i++) {
      this.core.sampled(guest, rtt, outcomes[outcome % outcomes.length]!, this.now, chance)
      this.carryOut()
    }
  }

  protected hint(n: number, keepAlive: number): void {
    const guest = nth(this.running, n)
    if (guest === undefined || guest.socket!.slot.maxStreams > 1) return
    const { idleMargin, maxIdleTimeout } = this.core.limits
    guest.socket!.hint = Math.min(keepAlive - idleMargin, maxIdleTimeout)
    this.core.hinted(guest.socket!.slot, keepAlive)
  }

  protected abort(n: number): void {
    const guest = nth(this.waiting, n)
    if (guest === undefined) return
    this.core.cancel(guest, this.now)
    this.settle(guest, 'aborted')
  }

  protected cut(n: number): void {
    const guest = nth(this.running, n)
    if (guest === undefined) return
    const { slot } = guest.socket!
    if (slot.maxStreams === 1) this.core.retire(slot, 'aborted', this.now)
    this.settle(guest, 'aborted')
    this.core.released(guest, this.now, false)
  }

  protected upgrade(n: number): void {
    const guest = nth(this.running, n)
    if (guest === undefined || guest.socket!.slot.maxStreams > 1) return
    const { slot } = guest.socket!
    this.core.retire(slot, 'upgrade', this.now)
    this.heardAt[guest.home] = this.now
    this.settle(guest, 'upgraded')
    this.core.released(guest, this.now)
  }

  /** It has been without an answer for so long that its connection is doubted. */
  protected doubt(n: number): void {
    const guest = nth(this.running, n)
    if (guest === undefined) return
    const { leasedAt } = guest.socket!
    const isSilent = this.heardAt[guest.home]! <= leasedAt
    const suspects = this.sockets.filter(
      ({ home, slot, restsSince }) => isSilent && home === guest.home && slot.idle && restsSince <= leasedAt,
    )
    const ready = this.sockets.filter(({ slot }) => slot.state === 'ready')
    this.core.suspect(guest.slot!, this.now)
    for (const { slot } of suspects) {
      must(slot.state !== 'ready' || slot.suspended, 'what rests since before a silence is not used')
    }
    const suspected = ready.filter(({ slot }) => slot.closeReason === 'suspect')
    must(
      suspected.every((socket) => suspects.includes(socket)),
      'nothing but what rests since before a silence is suspected',
    )
  }

  /** Its connection died under it. */
  protected lose(guest: Guest, then: number): void {
    const { slot } = guest.socket!
    if (then === 0) {
      this.settle(guest, 'reset')
      return this.core.released(guest, this.now, false)
    }
    this.leaveSocket(guest)
    guest.fresh ||= then === 2
    if (then === 2) this.core.distrust(slot.origin, this.now)
    this.line(guest, true)
    this.carryOut()
  }
}
