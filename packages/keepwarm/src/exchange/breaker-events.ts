/**
 * Tells the changes of breakers. A breaker changes by the clock, too, when nobody looks: what is told is what whoever
 * looked saw, so that one is half-open from its first probe on.
 */
import { publish } from '../observe/channels.ts'
import type { BreakerEvent } from '../observe/events.ts'
import type { Trail } from '../observe/trail.ts'
import type { BreakerState } from '../observe/words.ts'
import type { OriginGuard } from './host.ts'

const told = new WeakMap<object, BreakerState>()

/** What comes before a state of which nothing was told so far. */
const usual: Readonly<Record<BreakerState, BreakerState>> = {
  closed: 'half-open',
  open: 'closed',
  'half-open': 'open',
}

/** Only where somebody listens. `from`: as it was, where that is known. */
export function tellBreaker(
  client: string,
  guard: Pick<OriginGuard, 'breaker' | 'origin' | 'group'>,
  now: number,
  trail: Trail | null | undefined,
  before?: BreakerState,
): void {
  const { breaker, origin, group } = guard
  const { state: to, forced, lastFailure, retryAfter } = breaker.snapshot(now)
  const from = before ?? told.get(breaker) ?? (to === 'closed' ? 'closed' : usual[to])
  told.set(breaker, to)
  if (from === to) return
  const event: BreakerEvent = {
    ...{ client, origin, group, from, to },
    forced: forced !== null,
    failure: lastFailure ?? undefined,
    retryAfter: retryAfter ?? undefined,
    call: trail?.call,
    at: now,
  }
  if (trail == null) publish('breaker', event)
  else trail.tell('breaker', event)
}
