/** How a client's connections are shared out among its paths, so that slow ones leave some to the quick. */
import type { ConnectionPool, EndpointGroups } from 'keepwarm'

/** Paths and the part of the client's connections that they may use at once. Together less than 1. */
export type GroupShares = Readonly<
  Record<string, { readonly paths: readonly string[]; readonly share: number }>
>

/** The groups as a pool is made with them; {@link shareOut} gives them their limits. */
export function endpointGroups(shares: GroupShares): EndpointGroups {
  return Object.fromEntries(
    Object.entries(shares).map(([name, { paths }]) => [name, { paths, maxInFlight: 1 }]),
  )
}

/** Gives each group its part of the connections that the pool may have, at least one. */
export function shareOut(pool: ConnectionPool, shares: GroupShares): void {
  const { maxConnections, maxConnectionsPerOrigin } = pool.snapshot()
  const all = Math.min(maxConnections, maxConnectionsPerOrigin)
  const groups = Object.entries(shares).map(([name, { share }]) => [
    name,
    { maxInFlight: Math.max(1, Math.floor(all * share)) },
  ])
  pool.setLimits({ groups: Object.fromEntries(groups) as Record<string, { maxInFlight: number }> })
}

/**
 * Requests that a group would take now.
 * @param ahead how many more than may be in flight may wait in line, as a part of those. Default 0: no line.
 */
export function roomIn(pool: ConnectionPool, group: string, ahead = 0): number {
  const found = pool.snapshot().origins.flatMap(({ groups }) => groups.filter((one) => one.group === group))
  if (found.length === 0) return Infinity // nothing was asked yet
  const rooms = found.map(({ inFlight, waiting, maxInFlight, limit }) => {
    const most = Math.min(maxInFlight, limit ?? maxInFlight)
    const line = Math.ceil(most * ahead)
    return waiting > line ? 0 : Math.max(0, most + line - inFlight - waiting)
  })
  return Math.max(...rooms)
}
