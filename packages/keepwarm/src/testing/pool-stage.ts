/** A stage for scenes with the pool's core: every event in its place, every order in sight, time at the hand of the test. */
import { PoolCore } from '../pool/core.ts'
import { Waiter, type Slot } from '../pool/entities.ts'
import { defaultLimits, type PoolLimits } from '../pool/limits.ts'

/** A request with a name. */
export class Guest extends Waiter {
  readonly name: string
  constructor(name: string) {
    super()
    this.name = name
  }

  /** What became of it so far, in a word. */
  get fate(): string {
    return this.refusal ?? (this.slot !== null ? 'served' : this.waiting ? 'waits' : 'left')
  }
}

export class PoolStage {
  readonly core: PoolCore<Guest>
  now = 0
  /** Dials under way and closes that were ordered, oldest first. */
  readonly dials: Slot[] = []
  readonly closing: Slot[] = []

  /** @param limits On top of the defaults; ages have no jitter unless it is asked for. */
  constructor(limits: Partial<PoolLimits> = {}) {
    this.core = new PoolCore<Guest>({ ...defaultLimits, ageJitter: 0, ...limits })
  }

  /** A request comes. `within`: how long it may wait, in ms. */
  ask(name: string, origin: string = 'a', within: number = Infinity): Guest {
    const guest = new Guest(name)
    this.core.acquire(guest, this.core.origin(origin).lane, this.now + within, this.now)
    this.carryOut()
    return guest
  }

  /** As many requests at once. */
  askMany(count: number, origin: string = 'a', within: number = Infinity): Guest[] {
    return Array.from({ length: count }, (_, number) => this.ask(`${origin}${number + 1}`, origin, within))
  }

  /** A request comes for whom the oldest dial then succeeds. */
  askAndOpen(name: string, origin = 'a'): Guest {
    const guest = this.ask(name, origin)
    this.opened()
    return guest
  }

  leave(guest: Guest): void {
    this.core.cancel(guest, this.now)
    this.carryOut()
  }

  /** Ends a request as HTTP/1.1 does: the response is complete, then the connection is free. */
  finish(guest: Guest): void {
    const { slot } = guest
    this.core.released(guest, this.now)
    this.core.drained(slot!, this.now)
    this.carryOut()
  }

  /** Ends a request on an HTTP/2 session: nothing drains. */
  release(guest: Guest): void {
    this.core.released(guest, this.now)
    this.carryOut()
  }

  /** The oldest dial succeeds. */
  opened(streams = 1, random = 0): Slot {
    const slot = this.dials.shift()!
    this.core.opened(slot, streams, this.now, random)
    this.carryOut()
    return slot
  }

  /** The oldest dial fails. */
  failed(error: unknown = new Error('refused')): void {
    this.core.failed(this.dials.shift()!, error, this.now)
    this.carryOut()
  }

  retire(slot: Slot, reason: Parameters<PoolCore['retire']>[1]): void {
    this.core.retire(slot, reason, this.now)
    this.carryOut()
  }

  /** The sockets that were ordered closed are gone. */
  gone(): Slot[] {
    const closed = this.closing.splice(0)
    for (const slot of closed) this.core.closed(slot, this.now)
    this.carryOut()
    return closed
  }

  /** Time passes, and the alarm rings whenever it is due. */
  pass(ms: number): void {
    const end = this.now + ms
    while (this.core.wakeAt <= end) {
      this.now = Math.max(this.now, this.core.wakeAt)
      this.tick()
    }
    this.now = end
  }

  /** Time jumps, as on a machine that slept: the alarm has not rung yet. */
  jump(ms: number): void {
    this.now += ms
  }

  tick(): void {
    this.core.tick(this.now)
    this.carryOut()
  }

  carryOut(): void {
    const { opens, closes, refusals, leases } = this.core
    while (opens.length + closes.length + refusals.length + leases.length > 0) {
      this.dials.push(...opens.splice(0))
      this.closing.push(...closes.splice(0))
      refusals.length = 0
      for (const { slot } of leases.splice(0)) this.core.dispatched(slot!, slot!.maxStreams > 1, this.now)
    }
  }

  /** Why each connection that is about to close has to. */
  get reasons(): (string | undefined)[] {
    return this.closing.map(({ closeReason }) => closeReason)
  }

  /** The state in one line. */
  get figures(): string {
    const { open, dialing, idle, waiting } = this.core
    return `${open} open, ${dialing} dialing, ${idle.count} idle, ${waiting} waiting`
  }
}
