/**
 * Carries out what the core decides: gives requests to connections, dials, closes, refuses; and tells the core what
 * came of it. Everything that happens to a lease or a connection arrives here.
 */
import type { Dispatcher } from 'undici'
import { Alarm } from '../alarm.ts'
import { realRuntime, type Runtime } from '../runtime.ts'
import { PoolCore } from './core.ts'
import type { Slot } from './entities.ts'
import { tell } from './events.ts'
import { Figures } from './figures.ts'
import { GroupBook } from './group-book.ts'
import type { Lane } from './lanes.ts'
import { LeakWatch, warnOfLeak } from './leak-watch.ts'
import { HandOvers } from './hand-overs.ts'
import { dispatchOn, expire, fail, type Lease } from './lease.ts'
import type { LeaseHost } from './lease-host.ts'
import { Limiting } from './limiting.ts'
import type { CloseReason } from './limits.ts'
import { NextTurn } from './next-turn.ts'
import { realNetwork, type Network } from './network.ts'
import { resolveLimits, type ConnectionPoolOptions } from './options.ts'
import { Openings, type OpeningsHost } from './openings.ts'
import { refusalError } from './refusal.ts'
import { Silence } from './silence.ts'
import { SleepWatch } from './sleep-watch.ts'
import { StreamLimits } from './stream-limits.ts'

export class Conductor implements LeaseHost, OpeningsHost {
  readonly core: PoolCore<Lease>
  readonly runtime: Runtime
  readonly figures: Figures
  readonly acquireTimeout: number
  readonly pool: Dispatcher
  readonly network: Network
  readonly silence: Silence
  readonly limiting: Limiting = new Limiting(this)
  private readonly streams: StreamLimits
  private readonly handOvers: HandOvers
  private readonly openings: Openings
  private readonly sleep: SleepWatch
  private readonly alarm: Alarm
  readonly leaks: LeakWatch
  private readonly groups: GroupBook | undefined
  private readonly allGone = Promise.withResolvers<void>()
  /** Resolves when the pool is closed and its last socket is gone. */
  readonly gone: Promise<void> = this.allGone.promise
  private destroyedWith: Error | undefined
  private carrying = false
  private readonly nextTurn = new NextTurn(this)
  private owesDrain: string | URL | undefined

  /** @param pool emits undici's dispatcher events. */
  constructor(pool: Dispatcher, options: ConnectionPoolOptions) {
    this.pool = pool
    this.figures = new Figures(pool)
    this.runtime = options.runtime ?? realRuntime
    this.core = new PoolCore<Lease>(resolveLimits(options))
    this.acquireTimeout = options.acquireTimeout ?? 5_000
    this.network = options.network ?? realNetwork(this.runtime, options)
    this.groups = options.groups === undefined ? undefined : new GroupBook(options.groups)
    this.leaks = new LeakWatch(this.runtime, options.leakAfter ?? 60_000, (leak, stalledFor, now) => {
      this.figures.leaked(leak as Lease, stalledFor, now)
      warnOfLeak(leak, stalledFor)
    })
    this.streams = new StreamLimits(this.core)
    this.silence = new Silence(this.runtime, options, this.core, this.streams, () => this.carryOut())
    this.handOvers = new HandOvers(this.runtime, (lease, now) => this.late(lease, now))
    this.openings = new Openings(this, options)
    this.sleep = new SleepWatch(this.runtime)
    this.alarm = new Alarm(this.runtime, () => {
      this.core.tick(this.runtime.now())
      this.carryOut()
    })
  }

  /** Ends everything at once with this error. */
  destroy(error: Error): void {
    if (this.destroyedWith !== undefined) return
    this.destroyedWith = error
    this.core.abandon(error)
    for (const slot of this.slots) {
      slot.closeReason ??= 'destroyed'
      slot.carrier?.destroy(error)
    }
    this.carryOut()
  }

  /** Slots that have a dial or a connection. */
  get slots(): ReadonlySet<Slot> {
    return this.openings.slots
  }

  /** False when the lease has to wait. */
  acquire(lease: Lease, key: string, now: number): boolean {
    const { core, figures } = this
    if (this.sleep.slept(now)) core.slept(now)
    const lane = this.laneOf(lease, key)
    figures.asked(lane.origin, now)
    core.acquire(lease, lane, lease.acquireBy, now)
    if (lease.waiting || this.carrying || figures.mayTellLater(lease)) lease.keepContext()
    if (lease.slot === null) figures.queued(lease, now)
    this.carryOut(now)
    if (!lease.waiting) return true
    this.owesDrain = lease.options.origin ?? ''
    return false
  }

  private laneOf({ options }: Lease, key: string): Lane {
    const origin = this.core.origin(key)
    const group = this.groups?.find(key, options.path)
    return group === undefined ? origin.lane : this.core.lane(origin, group)
  }

  warm(key: string, count: number): Promise<number> {
    const origin = this.core.origin(key)
    const expected = this.core.warm(origin, count, this.runtime.now())
    this.carryOut()
    const ready = this.openings.ready(origin, expected)
    this.carryOut()
    return ready
  }

  maintain(key: string, count: number): void {
    this.core.maintain(this.core.origin(key), count, this.runtime.now())
    this.carryOut()
  }

  /** Empties the core's orders. What an order sets off may give more orders; they are carried out in turn. */
  carryOut(now: number = this.runtime.now()): void {
    if (this.carrying) return
    this.carrying = true
    const { closes, refusals, opens, leases } = this.core
    while (closes.length + refusals.length + opens.length + leases.length > 0) {
      if (closes.length + refusals.length + opens.length > 0) this.carryOutRare()
      // Almost always it is one lease; to set a length costs a call into the engine, even where it changes nothing.
      const lease = leases.length === 1 ? leases.pop() : leases.shift()
      if (lease !== undefined) this.send(lease, now)
    }
    this.carrying = false
    const somebodyWaits = this.core.waiting > 0
    this.alarm.set(this.core.wakeAt, somebodyWaits)
    this.openings.hold(somebodyWaits)
    if (!somebodyWaits && (this.owesDrain !== undefined || this.core.isClosed)) this.settle()
  }

  private carryOutRare(): void {
    const { closes, refusals, opens } = this.core
    for (const slot of closes) slot.carrier?.close()
    closes.length = 0
    for (const lease of refusals) this.refuse(lease)
    refusals.length = 0
    for (const slot of opens) this.openings.open(slot)
    opens.length = 0
  }

  private settle(): void {
    if (this.owesDrain !== undefined) {
      const origin = this.owesDrain
      this.owesDrain = undefined
      tell(this.pool, 'drain', origin, [this.pool])
    }
    if (!this.core.isClosed) return
    if (this.core.open > 0) return this.closeRest()
    this.alarm.cancel()
    this.openings.end()
    this.allGone.resolve()
  }

  /** Nobody comes any more for what is held back: an HTTP/2 session that allows no streams now may never allow one. */
  private closeRest(): void {
    for (const slot of this.slots) {
      if (slot.state === 'ready' && slot.streams === 0) this.core.retire(slot, 'shutdown', this.runtime.now())
    }
    if (this.core.closes.length > 0) this.carryOut()
  }

  private refuse(lease: Lease): void {
    const now = this.runtime.now()
    this.figures.refused(lease, now)
    lease.within(fail, lease, refusalError(this.core, lease, now, this.leaks))
  }

  /** The session that has it did not come to it. */
  private late(lease: Lease, now: number): void {
    lease.refusal = 'acquire_timeout'
    this.figures.refused(lease, now)
    lease.within(expire, lease, refusalError(this.core, lease, now, this.leaks))
  }

  private send(lease: Lease, now: number): void {
    const slot = lease.slot!
    if (lease.isOver) {
      // A callback aborted it after it was given the connection, which is free again.
      this.figures.left(lease, now)
      this.core.declined(lease, now)
      lease.slot = null
      if (this.streams.ended(slot)) this.silence.resume(slot, now)
      if (lease.paused) this.leaks.moved(lease)
      return
    }
    lease.reused = slot.served > 1
    this.figures.given(lease, slot, now)
    const more = lease.within(dispatchOn, slot.carrier!, lease)
    if (!more && lease.isHeld) this.handOvers.wait(lease, lease.deadline)
    this.core.dispatched(slot, more || lease.neverOccupied, now)
  }

  // ── what leases tell ───────────────────────────────────────────────────────────────────────────────────────

  left(lease: Lease): void {
    const now = this.runtime.now()
    this.figures.left(lease, now)
    this.core.cancel(lease, now)
    this.carryOut(now)
  }

  released(lease: Lease): void {
    const { slot } = lease
    if (lease.paused) this.leaks.moved(lease)
    if (slot === null) return
    const now = this.runtime.now()
    this.handOvers.done(lease)
    this.figures.released(lease, slot, now)
    this.core.released(lease, now, lease.answered)
    lease.slot = null
    if (this.streams.ended(slot)) this.silence.resume(slot, now)
    if (slot.streams === 0) slot.carrier?.emptied?.()
    this.carryOut(now)
  }

  again(lease: Lease): void {
    this.lost(lease, 'unsent', lease.acquireBy, this.runtime.now())
  }

  race(lease: Lease): void {
    const now = this.runtime.now()
    this.core.distrust(lease.origin!, now)
    this.lost(lease, 'race', Math.min(lease.callBy, now + this.acquireTimeout), now)
  }

  private lost(lease: Lease, kind: 'race' | 'unsent', by: number, now: number): void {
    this.handOvers.done(lease)
    this.figures.lost(lease, lease.slot!, kind, now)
    this.core.retire(lease.slot!, 'server_closed', now)
    lease.failure = this.destroyedWith
    this.core.again(lease, by, now)
    if (lease.slot === null) this.figures.queued(lease, now)
    this.carryOut(now)
  }

  refused(lease: Lease): void {
    this.handOvers.wait(lease, Math.min(lease.callBy, this.runtime.now() + this.acquireTimeout))
  }

  wired(lease: Lease): void {
    this.handOvers.done(lease)
    this.silence.requested(lease.slot!, this.runtime.now())
  }

  unanswered({ slot }: Lease): void {
    if (slot !== null) this.silence.unanswered(slot, this.runtime.now())
  }

  hinted(lease: Lease, keepAlive: number): void {
    if (lease.slot !== null && lease.slot.maxStreams === 1) this.core.hinted(lease.slot, keepAlive)
  }

  // ── what connections tell ──────────────────────────────────────────────────────────────────────────────────

  drained(slot: Slot): void {
    const now = this.runtime.now()
    this.core.drained(slot, now)
    this.carryOut(now)
  }

  drains(slot: Slot): void {
    this.nextTurn.add(slot)
  }

  retired(slot: Slot, reason: CloseReason): void {
    this.core.retire(slot, reason, this.runtime.now())
    this.carryOut()
  }

  allowed(slot: Slot, streams: number): void {
    const now = this.runtime.now()
    if (this.streams.allowed(slot, streams, now)) this.silence.resume(slot, now)
    this.carryOut(now)
  }

  closed(slot: Slot): void {
    this.silence.closed(slot)
    this.streams.closed(slot)
    this.openings.closed(slot)
    this.carryOut()
  }
}
