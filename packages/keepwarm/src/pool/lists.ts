/** The lists of the core: requests in line, free slots of an origin, idle slots of the pool, origins without room. */
import type { Origin, Slot, Waiter } from './entities.ts'

/** Requests in the order in which they are served. */
export class WaitLine {
  first: Waiter | null = null
  last: Waiter | null = null
  count = 0

  /** Puts a waiter in line; at the front when it had its turn before and lost its connection unused. */
  push(waiter: Waiter, front: boolean): void {
    waiter.line = this
    this.count++
    if (front) {
      waiter.ahead = null
      waiter.behind = this.first
      if (this.first === null) this.last = waiter
      else this.first.ahead = waiter
      this.first = waiter
      return
    }
    waiter.ahead = this.last
    waiter.behind = null
    if (this.last === null) this.first = waiter
    else this.last.behind = waiter
    this.last = waiter
  }

  remove(waiter: Waiter): void {
    waiter.line = null
    this.count--
    if (waiter.ahead === null) this.first = waiter.behind
    else waiter.ahead.behind = waiter.behind
    if (waiter.behind === null) this.last = waiter.ahead
    else waiter.behind.ahead = waiter.ahead
    waiter.ahead = waiter.behind = null
  }
}

export function pushFree(slot: Slot): void {
  const origin = slot.origin
  slot.free = true
  slot.newer = null
  slot.older = origin.top
  if (origin.top !== null) origin.top.newer = slot
  origin.top = slot
}

export function removeFree(slot: Slot): void {
  if (!slot.free) return
  slot.free = false
  if (slot.newer === null) slot.origin.top = slot.older
  else slot.newer.older = slot.older
  if (slot.older !== null) slot.older.newer = slot.newer
  slot.newer = slot.older = null
}

/** Idle slots of all origins in the order in which they became idle. */
export class IdleList {
  oldest: Slot | null = null
  private newest: Slot | null = null
  count = 0

  push(slot: Slot): void {
    slot.idle = true
    slot.origin.idle++
    slot.idleBefore = this.newest
    slot.idleAfter = null
    if (this.newest === null) this.oldest = slot
    else this.newest.idleAfter = slot
    this.newest = slot
    this.count++
  }

  remove(slot: Slot): void {
    if (!slot.idle) return
    slot.idle = false
    slot.origin.idle--
    if (slot.idleBefore === null) this.oldest = slot.idleAfter
    else slot.idleBefore.idleAfter = slot.idleAfter
    if (slot.idleAfter === null) this.newest = slot.idleBefore
    else slot.idleAfter.idleBefore = slot.idleBefore
    slot.idleBefore = slot.idleAfter = null
    this.count--
  }
}

/** Origins that wait for room under the limit of all connections, served in turn. */
export class HungryLine {
  count = 0
  private first: Origin | null = null
  private last: Origin | null = null
  private looked: Origin | null = null

  push(origin: Origin): void {
    if (origin.hungry) return
    origin.hungry = true
    origin.hungryBefore = this.last
    origin.hungryAfter = null
    if (this.last === null) this.first = origin
    else this.last.hungryAfter = origin
    this.last = origin
    this.count++
  }

  shift(): Origin | null {
    const origin = this.first
    if (origin !== null) this.remove(origin)
    return origin
  }

  /** Another of them at each call, round and round; from the start again after one was moved to the front. */
  look(): Origin | null {
    this.looked = this.looked?.hungryAfter ?? this.first
    return this.looked
  }

  /** The next room is this one's. */
  toFront(origin: Origin): void {
    if (this.first !== origin) {
      this.remove(origin)
      this.putFirst(origin)
    }
    this.looked = null // or the one before it could be passed over for ever
  }

  private putFirst(origin: Origin): void {
    origin.hungry = true
    origin.hungryAfter = this.first
    if (this.first === null) this.last = origin
    else this.first.hungryBefore = origin
    this.first = origin
    this.count++
  }

  remove(origin: Origin): void {
    if (!origin.hungry) return
    if (this.looked === origin) this.looked = origin.hungryBefore
    if (origin.hungryBefore === null) this.first = origin.hungryAfter
    else origin.hungryBefore.hungryAfter = origin.hungryAfter
    if (origin.hungryAfter === null) this.last = origin.hungryBefore
    else origin.hungryAfter.hungryBefore = origin.hungryBefore
    origin.hungryBefore = origin.hungryAfter = null
    origin.hungry = false
    this.count--
  }
}
