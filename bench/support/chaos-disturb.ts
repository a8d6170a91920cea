/** The owner of the pools does things, too, while calls are under way. */
import type { Chance } from '@keepwarm/cli/measuring'
import type { ChaosClients } from './chaos-clients.ts'
import { places, type Origins } from './chaos-plan.ts'

export function disturb(chance: Chance, { pools }: ChaosClients, origins: Origins): void {
  const pool = chance.pick(pools)
  const origin = origins[chance.pick(places)]
  const what = chance.pick(['evict', 'evict all', 'warm', 'limits'] as const)
  if (what === 'evict') pool.evict({ origin })
  else if (what === 'evict all') pool.evict()
  else if (what === 'warm') pool.warm(origin, 3).catch(() => {})
  else
    pools[1]!.setLimits({ maxConnections: chance.pick([20, 60, 100]), maxQueue: chance.pick([0, 20, 256]) })
}
