/** Who holds connections longest: looked for only when somebody asks. */
import type { HolderSnapshot } from '../observe/pool-snapshot.ts'
import type { Origin, Slot } from './entities.ts'
import type { LeakWatch } from './leak-watch.ts'
import type { Lease } from './lease.ts'
import { running } from './runs.ts'

/** Of each origin. */
const MOST = 5

export function longestHolders(
  slots: Iterable<Slot>,
  leaks: LeakWatch,
  now: number,
): ReadonlyMap<Origin, HolderSnapshot[]> {
  const leases = Map.groupBy(
    [...slots].flatMap((slot) => ([...running(slot)] as Lease[]).reverse()),
    ({ origin }) => origin!,
  )
  const longest = new Map<Origin, HolderSnapshot[]>()
  for (const [origin, all] of leases) {
    all.sort((one, other) => one.leasedAt - other.leasedAt)
    longest.set(
      origin,
      all.slice(0, MOST).map((lease) => describe(lease, leaks, now)),
    )
  }
  return longest
}

function describe(lease: Lease, leaks: LeakWatch, now: number): HolderSnapshot {
  const since = leaks.stalledSince(lease)
  return {
    ...lease.request,
    ...(lease.operation !== undefined && { operation: lease.operation }),
    ...(lease.lane!.group !== undefined && { group: lease.lane!.group }),
    connection: lease.slot!.id,
    heldFor: now - lease.leasedAt,
    phase: lease.answered ? 'body' : lease.isWritten ? 'headers' : 'send',
    stalledFor: since === undefined ? 0 : now - since,
    ...(lease.stack !== undefined && { stack: lease.stack }),
  }
}
