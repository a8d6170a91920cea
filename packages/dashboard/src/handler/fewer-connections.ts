/** Connections are most of what a snapshot weighs, and a page shows those of one client: many pools show fewer of each. */
import type { ProcessSnapshot } from 'keepwarm'

/** Of all pools together, where each has at least {@link LEAST}. */
const MOST = 300
const LEAST = 20

/** The first ones of each list, which are the busy and the oldest. */
export function withFewerConnections(snapshot: ProcessSnapshot): ProcessSnapshot {
  const lists = snapshot.pools.filter(({ connectionList = [] }) => connectionList.length > 0).length
  const each = Math.max(LEAST, Math.floor(MOST / Math.max(1, lists)))
  if (snapshot.pools.every(({ connectionList = [] }) => connectionList.length <= each)) return snapshot
  const pools = snapshot.pools.map((pool) =>
    pool.connectionList === undefined
      ? pool
      : { ...pool, connectionList: pool.connectionList.slice(0, each) },
  )
  return { ...snapshot, pools }
}
