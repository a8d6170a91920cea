/** The live connections of a client, with who holds them: the one that is held longest first. */
import { connectionsOf, poolOriginsOf } from './places.ts'
import type { WireClient, WireConnection, WireHolder, WireSnapshot } from '../wire.ts'

/** More rows than these say nothing more, and cost. */
export const MOST_LISTED = 100
/** A response that nobody has read on in for so long is worth a sign (ms). */
const LONG_STALLED = 5_000

export interface Held {
  readonly connection: WireConnection
  /** The request that has had it longest, where that is told. */
  readonly holder: WireHolder | undefined
  /** After how long the server closes it when it is idle, where that is known. */
  readonly serverIdle: number | undefined
  /** What is odd about it, if anything. */
  readonly oddity: string | undefined
}

const ranks: Readonly<Record<WireConnection['state'], number>> = { busy: 0, retiring: 1, dialing: 2, idle: 3 }

export function heldConnections(snapshot: WireSnapshot, client: WireClient): Held[] {
  const origins = new Map(poolOriginsOf(snapshot, client).map((origin) => [origin.origin, origin]))
  const holders = new Map<number, WireHolder>()
  for (const holder of [...origins.values()].flatMap((origin) => origin.holders ?? [])) {
    const other = holders.get(holder.connection)
    if (other === undefined || other.heldFor < holder.heldFor) holders.set(holder.connection, holder)
  }
  return connectionsOf(snapshot, client)
    .map((connection) => {
      const holder = holders.get(connection.id)
      const serverIdle = origins.get(connection.origin)?.serverIdle ?? undefined
      return { connection, holder, serverIdle, oddity: oddityOf(connection, holder, serverIdle) }
    })
    .sort(byHeld)
}

function oddityOf(
  { state, idle }: WireConnection,
  holder: WireHolder | undefined,
  serverIdle: number | undefined,
): string | undefined {
  if (holder !== undefined && holder.stalledFor >= LONG_STALLED) return 'body not read'
  if (state === 'idle' && serverIdle !== undefined && idle >= serverIdle) return 'server closes it now'
  return undefined
}

function byHeld({ connection: a, holder: heldA }: Held, { connection: b, holder: heldB }: Held): number {
  return (
    ranks[a.state] - ranks[b.state] ||
    (heldB?.heldFor ?? 0) - (heldA?.heldFor ?? 0) ||
    (a.state === 'idle' ? b.idle - a.idle : b.age - a.age) ||
    a.id - b.id
  )
}
