/** Several processes as one: the sum of their snapshots. Pure. */
import type {
  ConnectionSnapshot,
  GuardSnapshot,
  ObservedPool,
  OperationMetrics,
  ProcessSnapshot,
} from 'keepwarm'
import { addHistograms, type Histogram } from './add-histograms.ts'
import { AddUp, type Special } from './add-up.ts'

/** As many as one snapshot shows. */
const MOST = 200

/** A process that takes part. */
export interface Part {
  /** What tells it from the others. */
  readonly id: string
  readonly snapshot: ProcessSnapshot
}

const textOf = (field: string) => (item: Readonly<Record<string, unknown>>) => String(item[field])

const adding = new AddUp(
  {
    clients: textOf('name'),
    guards: ({ origin, group }) => JSON.stringify([origin, group]),
    ...{ origins: textOf('origin'), groups: textOf('group'), attemptsByOrigin: textOf('origin') },
  },
  specials(),
)

/**
 * What all of them did and have: counters, histograms and gauges add, limits, too; of breakers, health and delays the worst
 * counts. Pools are one where they carry the same clients.
 * @throws Error for no parts at all
 */
export function sumSnapshots(parts: readonly Part[]): ProcessSnapshot {
  const [first] = parts
  if (first === undefined) throw new Error('there is nothing to add up')
  const shared = sharedPools(parts)
  const snapshots = shared.map(({ snapshot }) => snapshot)
  const process = adding.fields(snapshots.map((snapshot) => ({ ...snapshot.process })))
  const { clients } = adding.fields(snapshots.map(({ clients }) => ({ clients }))) as Pick<
    ProcessSnapshot,
    'clients'
  >
  return {
    version: 1,
    at: Math.max(...snapshots.map(({ at }) => at)),
    process: process as unknown as ProcessSnapshot['process'],
    clients,
    pools: sumPools(shared),
    events: snapshots
      .flatMap(({ events }) => events)
      .sort((a, b) => a.at - b.at)
      .slice(-MOST),
  }
}

/** Numbers pools anew: the same for those that carry the same clients. */
function sharedPools(parts: readonly Part[]): Part[] {
  const ids = new Map<string, number>()
  return parts.map(({ id, snapshot }) => {
    const renamed = new Map(
      snapshot.pools.map((pool) => [pool.id, idOf(nameOf(pool, id, snapshot), ids)] as const),
    )
    const pools = snapshot.pools.map((pool) => ({ ...pool, id: renamed.get(pool.id)! }))
    const clients = snapshot.clients.map((client) => ({
      ...client,
      poolId: renamed.get(client.poolId) ?? client.poolId,
    }))
    return { id, snapshot: { ...snapshot, pools, clients } }
  })
}

/** By the first of its clients; one without any is nobody else's. */
function nameOf(pool: ObservedPool, part: string, { clients }: ProcessSnapshot): string {
  const [first] = clients
    .filter(({ poolId }) => poolId === pool.id)
    .map(({ name }) => name)
    .sort()
  return first === undefined ? `${part} ${pool.id}` : `client ${first}`
}

function idOf(name: string, ids: Map<string, number>): number {
  const known = ids.get(name) ?? ids.size + 1
  ids.set(name, known)
  return known
}

function sumPools(parts: readonly Part[]): ObservedPool[] {
  const all = parts.flatMap(({ id, snapshot }) => snapshot.pools.map((pool) => withProcess(pool, id)))
  return Array.from(Map.groupBy(all, ({ id }) => id).values(), (pools) => {
    const list = connectionsOf(pools)
    const sum = adding.fields(pools.map((pool) => ({ ...pool }))) as unknown as ObservedPool
    return { ...sum, ...(list !== undefined && { connectionList: list }) }
  })
}

/** Numbers of connections are those of their process. */
function withProcess(pool: ObservedPool, process: string): ObservedPool {
  const { connectionList } = pool
  if (connectionList === undefined) return pool
  return { ...pool, connectionList: connectionList.map((connection) => ({ process, ...connection })) }
}

function connectionsOf(pools: readonly ObservedPool[]): ConnectionSnapshot[] | undefined {
  if (pools.every(({ connectionList }) => connectionList === undefined)) return undefined
  return pools
    .flatMap(({ connectionList }) => connectionList ?? [])
    .sort((a, b) => Math.sign(b.inFlight) - Math.sign(a.inFlight) || b.age - a.age)
    .slice(0, MOST)
}

function specials(): Special {
  const histogram = (values: readonly unknown[]): unknown => addHistograms(values as Histogram[])
  return {
    ...{ call: histogram, attempt: histogram, queue: histogram, dial: histogram, wait: histogram },
    ...{
      lifetime: histogram,
      requests: (values) => (isHistogram(values) ? histogram(values) : total(values)),
    },
    use: (values) =>
      isHistogram(values) ? histogram(values) : adding.fields(values as Record<string, unknown>[]),
    // Settings are the same in all processes, or one speaks for the others.
    settings: ([first]) => first,
    connectionList: () => [],
    holders: (lists) => longest(lists as { readonly heldFor: number }[][]),
    status: (values) => worst(values as string[], ['unhealthy', 'degraded', 'healthy']),
    'guards[]': (guards) => sumGuards(guards as GuardSnapshot[]),
    'operations.*': (operations) => sumOperations(operations as OperationMetrics[]),
  }
}

/** What was not read for long is at the top. */
function longest<Held extends { readonly heldFor: number }>(lists: readonly Held[][]): Held[] {
  return lists
    .flat()
    .sort((a, b) => b.heldFor - a.heldFor)
    .slice(0, 5)
}

function isHistogram(values: readonly unknown[]): boolean {
  const [first] = values
  return typeof first === 'object' && first !== null && 'bounds' in first
}

function total(values: readonly unknown[]): number {
  return (values as number[]).reduce((sum, value) => sum + value, 0)
}

function worst(values: readonly string[], order: readonly string[]): string {
  return order.find((one) => values.includes(one)) ?? values[0]!
}

/** A breaker that is open in one process is open for a part of all calls: that is what has to be seen. */
function sumGuards(guards: readonly GuardSnapshot[]): GuardSnapshot {
  const sum = adding.fields(guards.map((guard) => ({ ...guard }))) as unknown as GuardSnapshot
  const failures = guards.reduce((all, { failureRatio, completions }) => all + failureRatio * completions, 0)
  const forced = guards.map(({ forced: to }) => to)
  return {
    ...sum,
    breaker: worst(
      guards.map(({ breaker }) => breaker),
      ['open', 'half-open', 'closed'],
    ) as GuardSnapshot['breaker'],
    forced: forced.includes('open') ? 'open' : forced.includes('closed') ? 'closed' : null,
    failureRatio: sum.completions === 0 ? 0 : failures / sum.completions,
  }
}

/** Rates and means are made anew of what they are rates and means of; of percentiles the worst stands for all. */
function sumOperations(operations: readonly OperationMetrics[]): OperationMetrics {
  const sum = adding.fields(operations.map((one) => ({ ...one }))) as unknown as OperationMetrics
  const duration = operations.reduce((all, one) => all + one.avg_duration_ms * one.total_requests, 0)
  const judged = sum.successful_requests + sum.failed_requests
  return {
    ...sum,
    avg_duration_ms: sum.total_requests === 0 ? 0 : duration / sum.total_requests,
    success_rate: judged === 0 ? 1 : sum.successful_requests / judged,
  }
}
