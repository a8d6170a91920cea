/** What a pool publishes. Nothing of this is called where nobody listens. */
import { channels, publish } from '../observe/channels.ts'
import type { EventName, Events } from '../observe/events.ts'
import type {
  ConnectionOpen,
  DialEnd,
  DialStart,
  LimitEvent,
  RaceEvent,
  WaitEnd,
  WaitStart,
} from '../observe/pool-events.ts'
import type { DialFacts } from './dial-facts.ts'
import type { Lane } from './lanes.ts'
import type { Slot } from './entities.ts'
import type { Lease } from './lease.ts'
import type { CloseReason } from './limits.ts'
import { dialCode } from './origin-figures.ts'

let waits = 0

/** In the context of its caller. */
function tellOf<Name extends EventName>(lease: Lease, name: Name, message: Events[Name]): void {
  const { trail } = lease
  if (trail != null) trail.tell(name, message)
  else lease.within<Name, Events[Name], void>(publish, name, message)
}

export function waitStart(pool: number, lease: Lease, at: number): WaitStart {
  const { trail, lane } = lease
  const start: WaitStart = {
    wait: ++waits,
    pool,
    origin: lane!.origin.key,
    group: lane!.group,
    ...lease.request,
    call: trail?.call,
    attempt: trail == null ? undefined : lease.trailAttempt,
    waiting: lane!.waiting,
    at,
  }
  if (channels['wait:start'].hasSubscribers) tellOf(lease, 'wait:start', start)
  return start
}

export function waitEnd(start: WaitStart, lease: Lease, outcome: WaitEnd['outcome'], now: number): void {
  if (!channels['wait:end'].hasSubscribers) return
  const connection = outcome === 'leased' ? lease.slot!.id : undefined
  tellOf(lease, 'wait:end', { ...start, duration: now - start.at, outcome, connection })
}

export function race(pool: number, lease: Lease, slot: Slot, kind: RaceEvent['kind'], at: number): void {
  const { rested, served: requests } = slot
  tellOf(lease, 'race', { ...onConnection(pool, lease, slot, at), kind, rested, requests })
}

export function leak(pool: number, lease: Lease, stalledFor: number, at: number): void {
  const { slot, stack } = lease
  if (slot !== null) tellOf(lease, 'leak', { ...onConnection(pool, lease, slot, at), stalledFor, stack })
}

function onConnection(
  pool: number,
  lease: Lease,
  slot: Slot,
  at: number,
): Omit<RaceEvent, 'kind' | 'rested' | 'requests'> {
  const { trail, request } = lease
  const attempt = trail == null ? undefined : lease.trailAttempt
  return { pool, connection: slot.id, origin: slot.origin.key, ...request, call: trail?.call, attempt, at }
}

export function dialStart(pool: number, slot: Slot, at: number): void {
  const { id: connection, origin, openedFor: reason } = slot
  const start: DialStart = { pool, connection, origin: origin.key, reason, at }
  slot.watched = start
  if (channels['dial:start'].hasSubscribers) publish('dial:start', start)
}

export function dialEnd(
  slot: Slot,
  outcome: DialEnd['outcome'],
  now: number,
  how?: DialFacts,
  error?: Error,
): void {
  const start = slot.watched as DialStart
  slot.watched = null
  if (!channels['dial:end'].hasSubscribers) return
  const isFailed = outcome === 'failed'
  publish('dial:end', {
    ...start,
    duration: now - start.at,
    outcome,
    code: isFailed ? dialCode(error) : undefined,
    message: isFailed ? error?.message : undefined,
    ...{ dns: how?.dns, tcp: how?.tcp, tls: how?.tls },
  })
}

export function connectionOpen(pool: number, slot: Slot, at: number): void {
  const { id: connection, origin, openedFor: reason, facts } = slot
  const start: ConnectionOpen = {
    pool,
    connection,
    origin: origin.key,
    reason,
    protocol: facts?.protocol === 'h2' ? 'h2' : 'http/1.1',
    address: facts?.address,
    proxy: facts?.proxy,
    at,
  }
  slot.watched = start
  if (channels['connection:open'].hasSubscribers) publish('connection:open', start)
}

export function connectionClose(slot: Slot, closed: CloseReason, now: number): void {
  const start = slot.watched as ConnectionOpen
  slot.watched = null
  if (!channels['connection:close'].hasSubscribers) return
  const { served: requests, idleSince, leasedAt, openedAt } = slot
  const rested = slot.streams === 0 && (requests === 0 || idleSince > leasedAt)
  const idle = rested ? now - idleSince : 0
  publish('connection:close', { ...start, closed, age: now - openedAt, requests, idle })
}

export function limit(
  pool: number,
  { origin, group, inFlight, maxInFlight }: Lane,
  before: number,
  at: number,
): void {
  const event: LimitEvent = { pool, origin: origin.key, group, before, limit: maxInFlight, inFlight, at }
  publish('limit', event)
}
