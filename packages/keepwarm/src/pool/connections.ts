import type { Carrier, Slot, SlotState } from './entities.ts'
import type { ConnectionSnapshot } from '../observe/pool-snapshot.ts'

export type { ConnectionSnapshot } from '../observe/pool-snapshot.ts'

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

/** @param most of them: busy ones first, and the oldest first among these: where something is stuck, it is there. */
export function listConnections(
  slots: Iterable<Slot>,
  now: number,
  most: number = Infinity,
): ConnectionSnapshot[] {
  if (most === Infinity) return Array.from(slots, (slot) => describe(slot, now))
  const telling = [...slots].sort(
    (a, b) => Number(b.streams > 0) - Number(a.streams > 0) || bornAt(a) - bornAt(b),
  )
  return telling.slice(0, most).map((slot) => describe(slot, now))
}

function bornAt({ openedAt, dialedAt }: Slot): number {
  return openedAt === 0 ? dialedAt : openedAt
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
    // Whole milliseconds: fractions say nothing, and are half of what there is to write.
    age: Math.round(now - bornAt(slot)),
    idle: slot.idle ? Math.round(now - slot.idleSince) : 0,
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
