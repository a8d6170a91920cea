/**
 * HTTP/2 servers that allow fewer streams than run, or none at all: while that is so, nothing new goes out on their
 * sessions, and whoever needs a connection waits for another. (A session that is merely full says so itself.)
 */
import type { PoolCore } from './core.ts'
import type { Slot } from './entities.ts'

export class StreamLimits {
  private readonly core: Pick<PoolCore, 'suspend'>
  /** Sessions that carry all that is allowed, or more. */
  private readonly full = new Map<Slot, number>()

  constructor(core: StreamLimits['core']) {
    this.core = core
  }

  isFull(slot: Slot): boolean {
    return this.full.has(slot)
  }

  /** The server said how many streams it allows. True when the session has room again. */
  allowed(slot: Slot, streams: number, now: number): boolean {
    if (slot.state !== 'ready') return false
    if (slot.streams < streams) return this.full.delete(slot)
    this.full.set(slot, streams)
    this.core.suspend(slot, now)
    return false
  }

  /** A stream of the session ended. True when it has room again. */
  ended(slot: Slot): boolean {
    if (this.full.size === 0) return false
    const allowed = this.full.get(slot)
    return allowed !== undefined && slot.streams < allowed && this.full.delete(slot)
  }

  closed(slot: Slot): void {
    this.full.delete(slot)
  }
}
