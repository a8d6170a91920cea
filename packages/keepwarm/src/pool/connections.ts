import type { Carrier, Slot, SlotState } from './entities.ts'
import type { DialReason } from './limits.ts'

/** One connection at one moment, JSON-safe. Durations in milliseconds. */
export interface ConnectionSnapshot {
  readonly id: number
  readonly origin: string
  /** `idle` and `busy` are both ready; a retiring one finishes what runs and takes nothing new. */
  readonly state: 'dialing' | 'idle' | 'busy' | 'retiring'
  /** Absent while it is dialed, like the address. */
  readonly protocol?: 'h1' | 'h2'
  /** `address:port` of the other side. */
  readonly address?: string
  /** Why it was dialed. */
  readonly openedFor: DialReason
  /** Since it was opened; while dialing, since the dial began. */
  readonly age: number
  /** For how long it has been idle; 0 when it is not. */
  readonly idle: number
  readonly inFlight: number
  /** Requests that it was given so far, those in flight included. */
  readonly requests: number
  readonly bytesRead: number
  readonly bytesWritten: number
}

/** What a connection can tell of its socket; a dial cannot yet. */
export interface SocketFacts {
  readonly protocol: 'h1' | 'h2'
  readonly address: string | undefined
  /** The IP address alone. */
  readonly ip?: string | undefined
  readonly bytesRead: number
  readonly bytesWritten: number
}

export interface Described extends Carrier {
  facts(): SocketFacts
}

export function listConnections(slots: Iterable<Slot>, now: number): ConnectionSnapshot[] {
  return Array.from(slots, (slot) => describe(slot, now))
}

function describe(slot: Slot, now: number): ConnectionSnapshot {
  const facts = isDescribed(slot.carrier) ? slot.carrier.facts() : undefined
  return {
    id: slot.id,
    origin: slot.origin.key,
    state: stateOf(slot),
    ...(facts !== undefined && { protocol: facts.protocol }),
    ...(facts?.address !== undefined && { address: facts.address }),
    openedFor: slot.openedFor,
    age: now - (slot.openedAt === 0 ? slot.dialedAt : slot.openedAt),
    idle: slot.idle ? now - slot.idleSince : 0,
    inFlight: slot.streams,
    requests: slot.served,
    bytesRead: facts?.bytesRead ?? 0,
    bytesWritten: facts?.bytesWritten ?? 0,
  }
}

function stateOf({ state, streams }: Slot): ConnectionSnapshot['state'] {
  const named: Readonly<Record<SlotState, ConnectionSnapshot['state']>> = {
    dialing: 'dialing',
    ready: streams === 0 ? 'idle' : 'busy',
    retiring: 'retiring',
    gone: 'retiring',
  }
  return named[state]
}

export function isDescribed(carrier: Carrier | null): carrier is Described {
  return carrier !== null && 'facts' in carrier
}
