/**
 * The pool's decisions: who gets which connection, when one is dialed, kept, closed, and who is turned away.
 *
 * Pure: events come in with the time, orders come out in four lists that the pool empties after every event,
 * and {@link PoolCore.wakeAt} says when to come back. No I/O, no timers, no promises; every event costs O(1).
 *
 *     events   of requests      acquire  cancel  dispatched  sampled  released  declined  again
 *              of connections   opened  failed  drained  hinted  suspend  resume  retire  closed
 *              of addresses     place  located  postponed  resolved
 *              of their owner   warm  maintain  resize  shutdown  abandon
 *              of suspicion     distrust  suspect  slept
 *              of time          tick
 *     orders   leases  opens  closes  refusals
 *
 * Laws: connections never exceed a limit (dials and retiring ones count) · a freed connection goes to the first
 * in line before it is idle · the newest idle one is used first · dials for those who wait never outnumber them.
 * All of them are in testing/pool-laws.ts, where a simulator holds the core to them.
 */
import { Agenda, AgendaItem } from '../agenda.ts'
import type { SampleOutcome } from '../limit/limiter.ts'
import { AddressBook, block, hasAddress, takeAddress, unblock } from './address-book.ts'
import { Origin, Slot, Waiter, type Address } from './entities.ts'
import { Lane } from './lanes.ts'
import type { CloseOrder, CloseReason, DialReason, LaneLimits, PoolLimits, Refusal } from './limits.ts'
import { HungryLine, IdleList, pushFree, removeFree } from './lists.ts'

/** Origins whose learned facts are remembered while nothing is open to them. */
const REMEMBERED_ORIGINS = 1_024
/** After a failed dial the next waits 10 ms, then 20, 40 …, at most this long. */
const LONGEST_DIAL_PAUSE = 500
/** A dial that nobody needs any more is called off when it takes longer than this; sooner, the next may use it. */
const ORPHAN_GRACE = 5_000
/** How long before its age another connection is dialed in the place of one, at most. */
const RENEW_AHEAD = 10_000
/** After a dial for the minimum failed the next waits 100 ms, then 200, 400 …, at most this long. */
const LONGEST_REFILL_PAUSE = 30_000
/** How long after one was dialed for the minimum, and ended unused, the next is. */
const UNUSED_PACE = 5_000
/** How long an origin without any connection waits before another one gives its last connection up for it. */
const PATIENCE = 200

export class PoolCore<W extends Waiter = Waiter> {
  /** Changed by {@link resize}. */
  limits: PoolLimits
  /** Give `waiter.slot` to the waiter: dispatch on it, then tell {@link dispatched}. */
  readonly leases: W[] = []
  /** Dial these, then tell {@link opened} or {@link failed}. */
  readonly opens: Slot[] = []
  /** Close these (nothing runs on them), then tell {@link closed}. */
  readonly closes: Slot[] = []
  /** Tell these waiters `waiter.refusal`. */
  readonly refusals: W[] = []

  /** Connections that are not gone. */
  open = 0
  dialing = 0
  waiting = 0
  /** Requests on connections. */
  inFlight = 0
  /** Set by {@link shutdown}: new requests are refused, those in line are still served. */
  isClosed = false
  /** Set by {@link abandon}: nobody is served any more. */
  private isAbandoned = false
  readonly idle: IdleList = new IdleList()

  private readonly origins = new Map<string, Origin>()
  private found: Origin | undefined
  private readonly addresses = new AddressBook()
  private readonly dials = new Set<Slot>()
  private readonly hungry = new HungryLine()
  private readonly agenda = new Agenda<AgendaItem>()
  private readonly trim = new AgendaItem()
  /** Origins below their minimum for whom there is no room. */
  private readonly unfilled = new Set<Origin>()
  /** The minima of all origins. */
  private minimum = 0
  /** Slots on their way out: room that comes free without evicting anybody. */
  private closing = 0
  private lastId = 0

  constructor(limits: PoolLimits) {
    this.limits = limits
  }

  /** When {@link tick} has something to do; Infinity when only another event can change anything. */
  get wakeAt(): number {
    return this.agenda.next
  }

  /** The origin under this key, if it is known. */
  find(key: string): Origin | undefined {
    // Most requests go where the one before them went, which costs less to see than to look up.
    if (this.found?.key !== key) this.found = this.origins.get(key)
    return this.found
  }

  /** Whether one more request would get a connection, or a dial, without taking it from somebody who waits. */
  hasSpare(origin: Origin): boolean {
    return origin.waiting === 0 && (origin.top !== null || (this.hasRoom && this.hasRoomFor(origin)))
  }

  /** The origins that have connections, or requests that wait. */
  *present(): Iterable<Origin> {
    for (const origin of this.origins.values()) if (origin.open + origin.waiting > 0) yield origin
  }

  /** The others that are remembered. */
  *absent(): Iterable<Origin> {
    for (const origin of this.origins.values()) if (origin.open + origin.waiting === 0) yield origin
  }

  /** The origin under this key; new ones are remembered, within bounds. */
  origin(key: string): Origin {
    let origin = this.find(key)
    if (origin === undefined) {
      if (this.origins.size >= REMEMBERED_ORIGINS) this.forgetOrigins()
      origin = new Origin(key, this.laneLimits(undefined), this.limits.adaptive)
      this.origins.set(key, origin)
    }
    return origin
  }

  /** Where requests of this endpoint group of the origin wait. */
  lane(origin: Origin, group: string): Lane {
    const known = origin.lanes.find((lane) => lane.group === group)
    if (known !== undefined) return known
    const lane = new Lane(origin, group, this.laneLimits(group))
    origin.lanes.push(lane)
    return lane
  }

  /** Somebody wants a connection until `deadline`; `front`: it had one and lost it before a byte was sent. */
  acquire(waiter: W, lane: Lane, deadline: number, now: number, front = false): void {
    const { origin } = lane
    waiter.origin = origin
    waiter.lane = lane
    waiter.slot = null
    waiter.queuedAt = now
    waiter.deadline = deadline
    if (this.isClosed && (!front || this.isAbandoned)) return this.refuse(waiter, 'closed')
    const turn = front || (waiter.fresh ? origin.goFresh : origin.go) === 0
    if (turn && lane.admits(front || waiter.fresh)) {
      const slot = this.takeFree(origin, waiter.fresh, now)
      if (slot !== null) {
        this.lease(waiter, slot, now)
        return this.measure(origin, now)
      }
    }
    if (now >= deadline) return this.refuse(waiter, 'acquire_timeout')
    if (!front && this.isFull(lane, now)) return this.refuse(waiter, 'queue_full')
    const patience =
      this.limits.discipline === 'codel' && this.isOverloaded(lane, now) ? this.limits.overloadWait : Infinity
    lane.push(waiter, front, now)
    this.waiting++
    const until = Math.min(deadline, now + patience)
    if (until !== Infinity) this.agenda.add(waiter, until)
    this.grow(origin, now)
    this.measure(origin, now)
  }

  /**
   * The server was caught closing connections that it had promised to keep. The idle ones of the origin are no
   * better: they go, so that nobody has to try them one after the other.
   */
  distrust(origin: Origin, now: number): void {
    for (let slot = origin.top; slot !== null;) {
      const older: Slot | null = slot.older
      if (slot.idle && slot.served > 0) this.retire(slot, 'stale', now)
      slot = older
    }
  }

  /**
   * A request has been without an answer for so long that its connection may lead nowhere. When nothing at all was heard
   * from the origin since it was given the connection, those that rest since then are no better: they go.
   */
  suspect(slot: Slot, now: number): void {
    const { origin, leasedAt } = slot
    if (origin.heardAt > leasedAt) return
    for (let other = origin.top; other !== null;) {
      const older: Slot | null = other.older
      if (other.idle && other.idleSince <= leasedAt) this.retire(other, 'suspect', now)
      other = older
    }
  }

  /**
   * A dial was begun before it was known where its origin leads. Returns the address to dial; undefined when none has
   * room: then tell {@link postponed}.
   */
  place(slot: Slot, ips: readonly string[], now: number): string | undefined {
    this.addresses.assign(slot.origin, ips)
    const address = slot.address ?? takeAddress(slot, this.limits.maxConnectionsPerAddress)
    if (address !== null) this.grow(slot.origin, now) // only now is it known what is in the way of the others
    return address?.ip
  }

  /** A connection turned out to lead to this address. */
  located(slot: Slot, ip: string): void {
    if (slot.address === null && slot.state !== 'gone') this.addresses.locate(slot, ip)
  }

  /** The dial does not begin; whoever it was for waits on. */
  postponed(slot: Slot, now: number): void {
    if (slot.state === 'gone') return
    this.leave(slot)
    this.feed(now)
    this.grow(slot.origin, now)
    this.refill(slot.origin, now)
  }

  /** It was looked up again where the origin leads. */
  resolved(origin: Origin, ips: readonly string[], now: number): void {
    unblock(origin)
    this.addresses.assign(origin, ips)
    this.grow(origin, now)
    this.refill(origin, now)
  }

  /** The machine slept: whatever rested may be forgotten on the other side or on the way. */
  slept(now: number): void {
    while (this.idle.oldest !== null) this.retire(this.idle.oldest, 'suspect', now)
  }

  /** From now on the origin has at least `count` connections, as far as the limits and its server allow. */
  maintain(origin: Origin, count: number, now: number): void {
    this.minimum += count - origin.minimum
    origin.minimum = count
    this.adapt(origin, now)
    this.trimIdle(now)
  }

  /** A waiter left. A dial that was begun for it goes on: the next one may use it. */
  cancel(waiter: W, now: number): void {
    if (!waiter.waiting) return
    this.leaveLine(waiter)
    this.makePlace(waiter.lane!, now)
  }

  /** A dial succeeded. `maxStreams`: how many requests the connection serves at once. */
  opened(slot: Slot, maxStreams: number, now: number, random: number): void {
    if (slot.state !== 'dialing') return
    const { origin } = slot
    this.endDial(slot)
    if (slot.address !== null) slot.address.failures = 0
    slot.state = 'ready'
    slot.openedAt = now
    slot.maxStreams = maxStreams
    slot.idleFor = this.limits.idleTimeout
    const age = this.limits.maxConnectionAge * (1 - this.limits.ageJitter * random)
    slot.retireAt = now + age
    slot.renewAt = slot.retireAt - Math.min(RENEW_AHEAD, age / 10)
    origin.ready++
    if (origin.failures > 0) origin.refillAfter = 0
    origin.failures = origin.failedRounds = 0
    origin.dialAfter = 0
    origin.streamsPerConnection = maxStreams
    this.agenda.move(slot, Math.min(now + slot.idleFor, slot.renewAt))
    if (origin.sizing?.serve(maxStreams) === true) this.adapt(origin, now)
    this.succeed(slot, now)
    this.offer(slot, now)
    this.trimIdle(now) // of the minimum one more may be spare
    this.feed(now) // a dial less under way
    this.grow(origin, now) // it may take fewer at once than the one before
    this.refill(origin, now)
  }

  /**
   * A dial failed. While the origin has other connections or dials, those in line wait for them; when this was
   * its last hope, everybody who stood in line when the dial began fails with it, so that fifty requests to a
   * dead origin cost one round of dials and not fifty.
   */
  failed(slot: Slot, failure: unknown, now: number): void {
    if (slot.state !== 'dialing') return
    const { origin } = slot
    if (slot.address !== null) slot.address.failures++
    this.leave(slot)
    origin.failures++
    origin.lastFailure = failure
    if (now >= origin.dialAfter) {
      origin.dialAfter = now + Math.min(LONGEST_DIAL_PAUSE, 10 * 2 ** Math.min(origin.failedRounds, 10))
      origin.failedRounds++
    }
    if (slot.openedFor === 'minimum' || slot.openedFor === 'ahead') {
      const pause = Math.min(LONGEST_REFILL_PAUSE, 100 * 2 ** Math.min(origin.failedRounds - 1, 20))
      origin.refillAfter = Math.max(origin.refillAfter, now + pause)
    }
    if (origin.dialing === 0 && origin.ready === 0) {
      for (const lane of origin.lanes) {
        for (let waiter; (waiter = lane.earlier(slot.dialedAt) as W | null) !== null;) {
          this.leaveLine(waiter)
          waiter.failure = failure
          this.refuse(waiter, 'dial_failed')
        }
      }
    }
    this.feed(now)
    this.freed(slot.address, now)
    this.grow(origin, now)
    this.refill(origin, now)
  }

  /** A lease was carried out. `more`: the connection takes another request at once. */
  dispatched(slot: Slot, more: boolean, now: number): void {
    if (slot.state !== 'ready') return
    if (more) return this.drained(slot, now)
    // A new HTTP/2 session takes its second request only when the server's settings are known: nobody need dial
    // for what it will carry in a moment.
    if (slot.maxStreams > 1) this.expect(slot, slot.served === 1 ? slot.maxStreams - slot.streams : 0)
    this.grow(slot.origin, now)
  }

  /** The connection can take a request again. */
  drained(slot: Slot, now: number): void {
    if (slot.state !== 'ready') return
    slot.blocked = false
    this.expect(slot, 0)
    this.offer(slot, now)
  }

  /**
   * The head of its response came, or will not come, `rtt` ms after it was written: a limit that adapts hears of it. True
   * when that changed the limit, so that others may go.
   */
  sampled(waiter: Waiter, rtt: number, outcome: SampleOutcome, now: number, random: number): boolean {
    const lane = waiter.lane!
    if (!lane.learn(rtt, outcome, now, random)) return false
    const { origin } = lane
    if (origin.go + origin.goFresh === 0) this.hungry.remove(origin) // a lower limit lets nobody go
    if (lane.waiting > 0) this.serve(origin, now)
    return true
  }

  /** The request is over on its connection; `answered`: with a response. */
  released(waiter: Waiter, now: number, answered = true): void {
    const lane = waiter.lane!
    if (answered) lane.origin.heardAt = now
    this.giveBack(waiter, now)
    this.makePlace(lane, now)
  }

  /** The request was over before it was dispatched: its connection never had it. */
  declined(waiter: Waiter, now: number): void {
    this.giveBack(waiter, now)
    this.dispatched(waiter.slot!, true, now)
    this.makePlace(waiter.lane!, now)
  }

  /** The request lost its connection and wants another until `deadline`. It does not lose its place in its lane. */
  again(waiter: W, deadline: number, now: number): void {
    const lane = waiter.lane!
    this.giveBack(waiter, now)
    this.acquire(waiter, lane, deadline, now, true)
    this.makePlace(lane, now)
  }

  private giveBack(waiter: Waiter, now: number): void {
    const slot = waiter.slot!
    slot.streams--
    slot.origin.inFlight--
    this.inFlight--
    waiter.lane!.count(-1)
    if (slot.state === 'retiring' && slot.streams === 0) this.orderClose(slot, slot.closeReason!)
    else if (slot.state === 'ready') {
      if (slot.blocked) this.expect(slot, Math.max(1, slot.expected))
      else this.offer(slot, now)
    }
  }

  /** The server said how long it keeps this connection when idle, in ms. */
  hinted(slot: Slot, keepAlive: number): void {
    slot.hint = Math.min(keepAlive - this.limits.idleMargin, this.limits.maxIdleTimeout)
  }

  /** The connection may lead nowhere: what runs on it goes on, and nothing new goes out on it until {@link resume}. */
  suspend(slot: Slot, now: number): void {
    if (slot.state !== 'ready') return
    slot.suspended = true
    removeFree(slot)
    this.expect(slot, 0)
    this.grow(slot.origin, now)
  }

  /** It leads somewhere. */
  resume(slot: Slot, now: number): void {
    if (!slot.suspended) return
    slot.suspended = false
    if (slot.state === 'ready') this.offer(slot, now)
  }

  /** The connection takes no new request: closed by the server, GOAWAY, broken, or by decision. */
  retire(slot: Slot, reason: CloseReason, now: number): void {
    if (slot.state !== 'ready') return
    if (slot.idle && (reason === 'server_closed' || reason === 'reset')) {
      slot.origin.lesson.observe(slot.idleSince, now)
    }
    this.leaveLists(slot)
    this.pace(slot)
    slot.origin.ready--
    slot.state = 'retiring'
    slot.closeReason ??= reason
    if (slot.streams === 0) this.orderClose(slot, reason)
    this.serve(slot.origin, now) // who may go only now may find another that rests
    this.refill(slot.origin, now)
  }

  /** The socket is gone; only now is its place free. */
  closed(slot: Slot, now: number): void {
    if (slot.state === 'gone') return
    if (slot.state === 'ready') this.endedUnannounced(slot, now)
    this.leave(slot)
    this.feed(now) // those who wait for room come before the origin that had it
    this.freed(slot.address, now)
    this.grow(slot.origin, now)
    this.refill(slot.origin, now)
  }

  /** Reset by its server, say: what that tells is learned as when it is retired first. */
  private endedUnannounced(slot: Slot, now: number): void {
    if (slot.idle) slot.origin.lesson.observe(slot.idleSince, now)
    this.pace(slot)
  }

  /** New limits. Lower ones take effect as connections are freed, idle ones at once; nothing that runs is cut. */
  resize(limits: PoolLimits, now: number): void {
    this.limits = limits
    while (this.idle.oldest !== null && this.open - this.closing > limits.maxConnections) {
      this.retire(this.idle.oldest, 'shrunk', now)
    }
    this.trimIdle(now)
    this.feed(now) // those who wait for room come before those who only now may have more
    for (const origin of this.origins.values()) {
      for (const lane of origin.lanes) lane.restrict(this.laneLimits(lane.group))
      if (origin.go + origin.goFresh === 0) this.hungry.remove(origin)
      this.serve(origin, now)
      this.adapt(origin, now)
    }
  }

  /** Dials until the origin has `count` connections, as far as the limits allow. Returns how many it will have. */
  warm(origin: Origin, count: number, now: number): number {
    while (origin.ready + origin.dialing < count && this.hasRoom && this.hasRoomFor(origin)) {
      this.dial(origin, now, 'warm_up')
    }
    return Math.min(count, origin.ready + origin.dialing)
  }

  tick(now: number): void {
    this.agenda.due(now, (item) => {
      if (item instanceof Waiter) {
        this.leaveLine(item as W)
        this.refuse(item as W, 'acquire_timeout')
        this.makePlace(item.lane!, now)
      } else if (item instanceof Slot) this.inspect(item, now)
      else if (item instanceof Origin) {
        item.sizing?.advance(now)
        this.grow(item, now)
        this.adapt(item, now)
      } else this.trimIdle(now)
    })
  }

  /** Takes no new requests, lets those in line and on the way finish, closes what is idle. */
  shutdown(now: number): void {
    this.isClosed = true
    while (this.idle.oldest !== null) this.retire(this.idle.oldest, 'shutdown', now)
    this.dropUselessDials()
    this.feed(now)
  }

  /** Turns away everybody in line. */
  abandon(failure: unknown): void {
    this.isClosed = this.isAbandoned = true
    for (const origin of this.origins.values()) {
      for (const lane of origin.lanes) {
        for (let waiter; (waiter = lane.oldest as W | null) !== null;) {
          this.leaveLine(waiter)
          waiter.failure = failure
          this.refuse(waiter, 'closed')
        }
      }
    }
    this.dropUselessDials()
  }

  // ── leasing ────────────────────────────────────────────────────────────────────────────────────────────────

  /** The newest free slot that is still good. Those who need one that never served look below it; they are few. */
  private takeFree(origin: Origin, fresh: boolean, now: number): Slot | null {
    let slot = origin.top
    while (slot !== null) {
      const worn = this.worn(slot, now)
      if (worn !== undefined) {
        this.retire(slot, worn, now)
        slot = origin.top
      } else if (fresh && slot.served > 0) slot = slot.older
      else return slot
    }
    return null
  }

  private lease(waiter: W, slot: Slot, now: number): void {
    slot.rested = slot.idle ? now - slot.idleSince : 0
    removeFree(slot)
    if (slot.idle) this.idle.remove(slot)
    slot.streams++
    slot.served++
    slot.leasedAt = waiter.rank = now
    slot.blocked = true // until the connection itself says what else it takes
    if (slot.maxStreams > 1) this.expect(slot, slot.maxStreams - slot.streams)
    slot.origin.inFlight++
    this.inFlight++
    waiter.slot = slot
    waiter.lane!.count(1)
    if (slot.origin.go + slot.origin.goFresh === 0) this.hungry.remove(slot.origin)
    this.leases.push(waiter)
    if (slot.served >= this.limits.maxRequestsPerConnection) this.retire(slot, 'requests', now)
  }

  /** A ready slot has room: the first in line gets it, otherwise it is free. */
  private offer(slot: Slot, now: number): void {
    if (slot.blocked || slot.streams >= slot.maxStreams) return
    const worn = this.worn(slot, now) ?? this.surplus(slot, now)
    if (worn !== undefined) return this.retire(slot, worn, now)
    const waiter = slot.suspended ? null : (this.nextFor(slot, now) as W | null)
    if (waiter !== null) {
      this.leaveLine(waiter)
      this.lease(waiter, slot, now)
      return this.useDroppedDials(now)
    }
    if (this.standsInTheWay(slot)) return this.retire(slot, 'evicted', now)
    if (this.isClosed && slot.streams === 0) return this.retire(slot, 'shutdown', now)
    if (!slot.free && !slot.suspended) pushFree(slot)
    if (slot.streams === 0 && !slot.idle) this.rest(slot, now)
  }

  /** A place under the lane's own limit came free, perhaps. */
  private makePlace(lane: Lane, now: number): void {
    this.useDroppedDials(now)
    if (lane.waiting > 0 && lane.maxInFlight !== Infinity) this.serve(lane.origin, now)
  }

  /** The limit of a lane lets others go: connections that rest serve them, or some are dialed. */
  private serve(origin: Origin, now: number): void {
    while (origin.go + origin.goFresh > 0) {
      const slot = this.takeFree(origin, origin.go === 0, now)
      if (slot === null) break
      const waiter = this.nextFor(slot, now) as W
      this.leaveLine(waiter)
      this.lease(waiter, slot, now)
    }
    this.grow(origin, now)
  }

  private nextFor({ origin, served }: Slot, now: number): Waiter | null {
    const { lanes } = origin
    if (served === 0 && origin.goFresh > 0) {
      for (const lane of lanes) if (lane.goFresh > 0) return lane.fresh.first
    }
    if (origin.go === 0) return null
    const lifo = this.limits.discipline === 'lifo'
    if (lanes.length === 1) return lanes[0].next(lifo && this.isOverloaded(lanes[0], now))
    let best: Waiter | null = null
    for (const lane of lanes) {
      const next = lane.next(lifo && this.isOverloaded(lane, now))
      if (next !== null && (best === null || next.rank < best.rank)) best = next
    }
    return best
  }

  /** Somebody needs a connection that never served, and there is no room to dial it beside this one. */
  private standsInTheWay({ origin, streams }: Slot): boolean {
    if (origin.goFresh <= origin.dialing || streams > 0) return false
    return this.open >= this.limits.maxConnections || !this.hasRoomFor(origin)
  }

  private rest(slot: Slot, now: number): void {
    const { idleTimeout, maxIdleTimeout, idleMargin } = this.limits
    slot.idleSince = now
    this.idle.push(slot)
    slot.idleFor = slot.hint ?? (this.isKept(slot) ? maxIdleTimeout : idleTimeout)
    const learned = slot.origin.lesson.limit(now)
    if (learned < slot.idleFor) slot.idleFor = learned - Math.min(idleMargin, learned / 5)
    if (now + slot.idleFor < slot.at) this.agenda.move(slot, now + slot.idleFor)
    this.trimIdle(now)
    this.makeRoom(now)
    if (slot.idle && this.isClaimed(slot, false, now)) this.retire(slot, 'evicted', now)
  }

  /** It belongs to those that its origin should have. */
  private isKept({ origin }: Slot): boolean {
    return origin.ready <= origin.wanted
  }

  private get mostIdle(): number {
    return Math.max(this.limits.maxIdleConnections, this.minimum)
  }

  /** Why the slot must not take another request, if so. */
  private worn(slot: Slot, now: number): CloseOrder | undefined {
    if (now >= slot.retireAt) return 'age'
    if (slot.hint !== undefined && slot.hint <= 0) return 'keep_alive_hint'
    if (slot.idle && now >= slot.idleSince + slot.idleFor) return 'idle'
    return undefined
  }

  /** Why the slot has to make room, if so: the limits were lowered, or another origin needs the place more. */
  private surplus(slot: Slot, now: number): CloseOrder | undefined {
    const { origin, streams, served } = slot
    if (streams > 0) return undefined
    const { maxConnections, maxConnectionsPerOrigin } = this.limits
    if (this.open - this.closing > maxConnections) return 'shrunk'
    if (origin.open - origin.closing > maxConnectionsPerOrigin) return 'shrunk'
    if (served === 0) return undefined // handed on unused, again and again, it would never serve anybody
    if (this.isClaimed(slot, true, now)) return 'shared'
    if (this.open < maxConnections || this.hungry.count <= this.closing) return undefined
    const other = this.hungry.look() // one for each connection that is freed: whoever needs it is found in time
    if (other === null || other === origin || !needsMore(other, origin, now)) return undefined
    this.hungry.toFront(other)
    return 'shared'
  }

  /** The slot's entry on the agenda came up. It is not moved on every use, so it may be early. */
  private inspect(slot: Slot, now: number): void {
    if (slot.state === 'dialing') return this.inspectDial(slot, now)
    if (slot.state !== 'ready') return
    const worn = this.worn(slot, now)
    if (worn !== undefined) return this.retire(slot, worn, now)
    if (now >= slot.renewAt) this.renew(slot, now)
    // A busy one is looked at again for its age alone; when it rests, that is sooner.
    const age = Math.min(slot.renewAt, slot.retireAt)
    this.agenda.add(slot, slot.idle ? Math.min(slot.idleSince + slot.idleFor, age) : age)
  }

  /** A dial takes long. Whoever it was begun for may be served by now. */
  private inspectDial(slot: Slot, now: number): void {
    const { origin, openedFor } = slot
    if (openedFor !== 'first' && openedFor !== 'all_busy' && openedFor !== 'lost_race') return
    const isNeeded = (origin.dialing - 1) * origin.streamsPerConnection < this.needed(origin)
    const isKept = origin.ready + origin.dialing <= origin.wanted
    if (isNeeded || isKept) return this.agenda.add(slot, now + ORPHAN_GRACE)
    this.orderClose(slot, 'unneeded')
    this.feed(now) // a dial less under way
  }

  /** Another is dialed before this one has reached its age, if it is in use and there is room. */
  private renew(slot: Slot, now: number): void {
    const { origin } = slot
    slot.renewAt = Infinity
    const used = !slot.idle || (slot.served > 0 && now - slot.idleSince <= slot.retireAt - now)
    if (this.isClosed || !(used || this.isKept(slot))) return
    if (!this.hasRoom || !this.hasRoomFor(origin) || now < origin.dialAfter) return
    this.dial(origin, now, 'renewal').replaces = slot
  }

  /** The one that was dialed in the place of another is there: the other takes no more requests. */
  private succeed(slot: Slot, now: number): void {
    const { replaces } = slot
    if (replaces === null) return
    slot.replaces = null
    this.expect(slot, slot.maxStreams) // nobody need dial for whom it serves in a moment
    this.retire(replaces, 'age', now)
    this.expect(slot, 0)
  }

  private trimIdle(now: number): void {
    for (let slot = this.idle.oldest; slot !== null && this.idle.count > this.mostIdle;) {
      const after: Slot | null = slot.idleAfter
      if (slot.origin.ready > slot.origin.minimum) {
        const due = slot.idleSince + this.limits.idleGrace
        if (due > now) return this.agenda.move(this.trim, due)
        this.retire(slot, 'idle_limit', now)
      }
      slot = after
    }
  }

  // ── waiting ────────────────────────────────────────────────────────────────────────────────────────────────

  /**
   * Whom a dial, a connection about to be free, or one that makes room will serve does not count; the others are at most
   * `maxQueue`.
   */
  private isFull(lane: Lane, now: number): boolean {
    const { origin, waiting, inFlight, limits } = lane
    const room = Math.max(0, lane.maxInFlight - inFlight)
    const isFull = this.open >= this.limits.maxConnections
    const comes = isFull && this.hasRoomFor(origin) ? this.idle.count + this.closing : 0
    const promised = origin.dialing * origin.streamsPerConnection + origin.expected + comes
    if (waiting - Math.min(promised, room) < limits.maxQueue) return false
    const mayDial = this.hasRoom && now >= origin.dialAfter && this.hasRoomFor(origin)
    return !(mayDial && waiting < room)
  }

  /** The line has not been empty for a while: it is no burst. */
  private isOverloaded(lane: Lane, now: number): boolean {
    return lane.waiting > 0 && now - lane.busySince >= this.limits.overloadAfter
  }

  private laneLimits(group: string | undefined): LaneLimits {
    const { groups, maxQueue, limiter } = this.limits
    const own = group === undefined ? undefined : groups.get(group)
    return own ?? { maxInFlight: Infinity, maxQueue, limiter }
  }

  private leaveLine(waiter: W): void {
    const { origin } = waiter.lane!
    waiter.lane!.remove(waiter)
    this.waiting--
    this.agenda.remove(waiter)
    if (origin.go + origin.goFresh === 0) this.hungry.remove(origin) // nobody makes room for nobody
    if (this.isClosed) this.dropUselessDials()
  }

  private refuse(waiter: W, refusal: Refusal): void {
    waiter.refusal = refusal
    this.refusals.push(waiter)
  }

  // ── dialing ────────────────────────────────────────────────────────────────────────────────────────────────

  /** Dials what the line needs and the limits allow. */
  private grow(origin: Origin, now: number): void {
    while (this.mayDial(origin, now)) {
      if (!this.hasRoom) {
        this.hungry.push(origin)
        return this.makeRoom(now)
      }
      this.dial(origin, now)
    }
    if (origin.goFresh > 0) this.makeWay(origin, now)
  }

  /** At its limit an origin's own idle connections make room for the unused ones that are needed. */
  private makeWay(origin: Origin, now: number): void {
    if (origin.goFresh <= origin.dialing + origin.closing) return
    if (this.hasRoomFor(origin)) return
    for (let slot = origin.top; slot !== null; slot = slot.older) {
      if (slot.idle) return this.retire(slot, 'evicted', now) // which grows again, and looks for the next
    }
  }

  /** Room under the limit of all connections: the origins that wait for it dial in turn. */
  private feed(now: number): void {
    while (this.hasRoom) {
      const origin = this.hungry.shift()
      if (origin === null) break
      if (!this.mayDial(origin, now)) continue
      this.dial(origin, now)
      if (this.mayDial(origin, now)) this.hungry.push(origin)
    }
    if (this.hungry.count > 0) return this.makeRoom(now)
    if (this.unfilled.size > 0) {
      for (const origin of [...this.unfilled]) {
        this.unfilled.delete(origin)
        this.refill(origin, now)
      }
    }
  }

  // ── how many there should be ───────────────────────────────────────────────────────────────────────────────

  /** Where connections do not last until anybody uses them, no more are dialed ahead than one in a while. */
  private pace({ origin, openedFor, openedAt, served }: Slot): void {
    if (served > 0 || (openedFor !== 'minimum' && openedFor !== 'ahead')) return
    origin.refillAfter = Math.max(origin.refillAfter, openedAt + UNUSED_PACE)
  }

  /** What the origin needs has changed, perhaps. */
  private measure(origin: Origin, now: number): void {
    if (origin.sizing === null) return
    // Whoever waits for the limit of a group needs no connection.
    const requests = origin.inFlight + origin.go + origin.goFresh
    const most = this.limits.maxConnectionsPerOrigin * origin.streamsPerConnection
    origin.sizing.observe(Math.min(requests, most), now) // a long line would be remembered for long
    this.adapt(origin, now)
  }

  private adapt(origin: Origin, now: number): void {
    const { sizing, minimum } = origin
    const before = origin.wanted
    origin.wanted = Math.max(minimum, Math.min(sizing?.wanted ?? 0, this.limits.maxConnectionsPerOrigin))
    this.refill(origin, now)
    if (sizing === null) return
    if (origin.wanted < before) this.shrink(origin, now)
    if (sizing.next !== Infinity && !this.isClosed) this.wake(origin, sizing.next)
  }

  /** Of the connections that are more than wanted the one that rested longest goes. */
  private shrink(origin: Origin, now: number): void {
    if (origin.ready <= origin.wanted) return
    let oldest: Slot | null = null
    for (let slot = origin.top; slot !== null; slot = slot.older) if (slot.idle) oldest = slot
    if (oldest !== null) this.retire(oldest, 'surplus', now)
  }

  /** Dials what the origin has less than it should have. */
  private refill(origin: Origin, now: number): void {
    if (origin.wanted === 0 || this.isClosed) return
    while (origin.ready + origin.dialing < origin.wanted) {
      const isMinimum = origin.ready + origin.dialing < origin.minimum
      if (!isMinimum && this.idle.count + this.dialing >= this.mostIdle) return
      if (!this.hasRoomFor(origin)) return block(origin)
      if (!this.hasRoom) return void this.unfilled.add(origin)
      const due = Math.max(origin.refillAfter, origin.dialAfter)
      if (now < due) return this.wake(origin, due)
      this.dial(origin, now, isMinimum ? 'minimum' : 'ahead')
    }
  }

  /** The origin has something to do then. */
  private wake(origin: Origin, at: number): void {
    if (!this.agenda.has(origin) || at < origin.at) this.agenda.move(origin, at)
  }

  private get hasRoom(): boolean {
    return this.open < this.limits.maxConnections && this.dialing < this.limits.maxDials
  }

  private hasRoomFor(origin: Origin): boolean {
    const { maxConnectionsPerOrigin, maxConnectionsPerAddress } = this.limits
    return origin.open < maxConnectionsPerOrigin && hasAddress(origin, maxConnectionsPerAddress)
  }

  private mayDial(origin: Origin, now: number): boolean {
    if (this.needed(origin) <= origin.dialing * origin.streamsPerConnection) return false
    if (!this.hasRoomFor(origin)) {
      this.makeRoomAt(origin, now)
      return false
    }
    if (now >= origin.dialAfter) return true
    this.wake(origin, origin.dialAfter)
    return false
  }

  /** Requests for whom no connection will be free in a moment. */
  private needed(origin: Origin): number {
    return origin.goFresh + Math.max(0, origin.go - origin.expected)
  }

  private dial(origin: Origin, now: number, reason: DialReason = reasonToDial(origin)): Slot {
    const slot = new Slot(++this.lastId, origin)
    slot.dialedAt = now
    slot.openedFor = reason
    this.dials.add(slot)
    origin.dialing++
    origin.open++
    this.dialing++
    this.open++
    takeAddress(slot, this.limits.maxConnectionsPerAddress)
    this.agenda.add(slot, now + ORPHAN_GRACE)
    this.opens.push(slot)
    return slot
  }

  /** The longest idle connections make room for origins that wait. */
  private makeRoom(now: number): void {
    if (this.open < this.limits.maxConnections) return // it is the dials that are too many
    while (this.closing < this.hungry.count && this.idle.oldest !== null) {
      this.retire(this.idle.oldest, 'evicted', now)
    }
  }

  /** The longest idle connection of another origin makes room for an origin whose addresses are all full. */
  private makeRoomAt(origin: Origin, now: number): void {
    const { addresses, open } = origin
    if (addresses === null || open >= this.limits.maxConnectionsPerOrigin) return
    block(origin)
    if (addresses.some(({ closing, blocked }) => closing >= blocked.size)) return
    for (let slot = this.idle.oldest; slot !== null; slot = slot.idleAfter) {
      if (slot.address !== null && addresses.includes(slot.address)) return this.retire(slot, 'evicted', now)
    }
  }

  /**
   * Another origin waits for room at the address of the slot, and more of them than room is on its way. `inUse`: the slot
   * is given up only for one that needs it more.
   */
  private isClaimed({ address, origin, suspended }: Slot, inUse: boolean, now: number): boolean {
    if (address === null || address.closing >= address.blocked.size) return false
    for (const other of address.blocked) {
      const needs = this.needed(other) > other.dialing * other.streamsPerConnection
      if (!needs && other.wanted === 0) unblock(other)
      else if (needs && (other !== origin || suspended) && (!inUse || needsMore(other, origin, now)))
        return true
    }
    return false
  }

  /** Room at an address: the origins that wait for it dial in turn. */
  private freed(address: Address | null, now: number): void {
    if (address === null) return
    for (const origin of [...address.blocked]) {
      // Whoever finds no room keeps its place in line.
      if (address.open < this.limits.maxConnectionsPerAddress) unblock(origin)
      this.grow(origin, now) // which blocks it again when it finds no room, and makes some
      this.refill(origin, now)
    }
  }

  private endDial(slot: Slot): void {
    this.dials.delete(slot)
    slot.origin.dialing--
    this.dialing--
  }

  /** After the end dials are dropped as soon as nobody waits for them; others may need their places. */
  private useDroppedDials(now: number): void {
    if (this.isClosed && !this.isAbandoned) this.feed(now)
  }

  private dropUselessDials(): void {
    for (const slot of this.dials) if (slot.origin.waiting === 0) this.orderClose(slot, 'shutdown')
  }

  // ── leaving ────────────────────────────────────────────────────────────────────────────────────────────────

  private orderClose(slot: Slot, reason: CloseReason): void {
    if (slot.state === 'dialing') {
      this.endDial(slot)
      slot.state = 'retiring'
      slot.closeReason = reason
    }
    this.countClosing(slot, 1)
    this.closes.push(slot)
  }

  private leave(slot: Slot): void {
    this.leaveLists(slot)
    this.agenda.remove(slot)
    if (slot.state === 'dialing') this.endDial(slot)
    else if (slot.state === 'ready') slot.origin.ready--
    else if (slot.streams === 0) this.countClosing(slot, -1)
    slot.state = 'gone'
    if (slot.address !== null) slot.address.open--
    slot.origin.open--
    this.open--
  }

  private countClosing(slot: Slot, change: 1 | -1): void {
    if (slot.closeReason === 'upgrade') return // its socket lives on, for as long as its new owner likes
    this.closing += change
    slot.origin.closing += change
    if (slot.address !== null) slot.address.closing += change
  }

  private leaveLists(slot: Slot): void {
    removeFree(slot)
    this.idle.remove(slot)
    this.expect(slot, 0)
  }

  private expect(slot: Slot, room: number): void {
    if (slot.suspended) room = 0
    slot.origin.expected += room - slot.expected
    slot.expected = room
  }

  private forgetOrigins(): void {
    this.found = undefined
    for (const [key, origin] of this.origins) {
      if (origin.open === 0 && origin.waiting === 0 && origin.wanted === 0) {
        this.agenda.remove(origin)
        unblock(origin)
        this.origins.delete(key)
        if (this.origins.size < REMEMBERED_ORIGINS / 2) return
      }
    }
  }
}

function reasonToDial(origin: Origin): DialReason {
  if (origin.goFresh > origin.dialing) return 'lost_race'
  return origin.open === 0 ? 'first' : 'all_busy'
}

/** Whether a connection is better used by `other`: it then has no more than `origin` keeps, or waits for its first. */
function needsMore(other: Origin, origin: Origin, now: number): boolean {
  if (other.open < origin.open - 1) return true
  if (other.ready + other.dialing > 0) return false // those on their way out may last: a tunnel, a long stream
  const { oldest } = other
  return oldest !== null && now - oldest.queuedAt >= PATIENCE
}
