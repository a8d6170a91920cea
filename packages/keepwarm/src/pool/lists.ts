/** The three lists of the core: waiters of an origin, free slots of an origin, idle slots of the pool. */
import type { Origin, Slot, Waiter } from './entities.ts'

/** Puts a waiter in line; at the front when it had its turn before and lost its connection unused. */
export function enqueue(origin: Origin, waiter: Waiter, front: boolean): void {
  waiter.waiting = true
  origin.waiting++
  if (front) {
    waiter.ahead = null
    waiter.behind = origin.first
    if (origin.first === null) origin.last = waiter
    else origin.first.ahead = waiter
    origin.first = waiter
    return
  }
  waiter.ahead = origin.last
  waiter.behind = null
  if (origin.last === null) origin.first = waiter
  else origin.last.behind = waiter
  origin.last = waiter
}

export function dequeue(origin: Origin, waiter: Waiter): void {
  waiter.waiting = false
  origin.waiting--
  if (waiter.ahead === null) origin.first = waiter.behind
  else waiter.ahead.behind = waiter.behind
  if (waiter.behind === null) origin.last = waiter.ahead
  else waiter.behind.ahead = waiter.ahead
  waiter.ahead = waiter.behind = null
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
  private first: Origin | null = null
  private last: Origin | null = null
  count = 0

  push(origin: Origin): void {
    if (origin.hungry) return
    origin.hungry = true
    origin.nextHungry = null
    if (this.last === null) this.first = origin
    else this.last.nextHungry = origin
    this.last = origin
    this.count++
  }

  shift(): Origin | null {
    const origin = this.first
    if (origin === null) return null
    this.first = origin.nextHungry
    if (this.first === null) this.last = null
    origin.hungry = false
    origin.nextHungry = null
    this.count--
    return origin
  }
}
