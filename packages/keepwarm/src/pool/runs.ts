/**
 * The requests that run on a connection, newest first: a list of themselves, by the links that they need no more when
 * they have left the line, so that it costs no allocation.
 */
import type { Slot, Waiter } from './entities.ts'

export function linkTo(slot: Slot, waiter: Waiter): void {
  const { newest } = slot
  waiter.behind = newest
  if (newest !== null) newest.ahead = waiter
  slot.newest = waiter
}

/** Before it stands in line again, which uses the same links. */
export function unlink(slot: Slot, waiter: Waiter): void {
  const { ahead, behind } = waiter
  if (ahead === null) {
    if (slot.newest === waiter) slot.newest = behind
  } else ahead.behind = behind
  if (behind !== null) behind.ahead = ahead
  waiter.ahead = waiter.behind = null
}

export function* running(slot: Slot): Iterable<Waiter> {
  for (let waiter = slot.newest; waiter !== null; waiter = waiter.behind) yield waiter
}
