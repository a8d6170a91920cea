import fc from 'fast-check'
import type { ProcessSnapshot } from 'keepwarm'
import { expect, test } from 'vitest'
import { happenings, processOf } from '../../../test/support/handler-parts.ts'
import { sumSnapshots } from './sum-snapshots.ts'

function sum(...snapshots: readonly ProcessSnapshot[]): ProcessSnapshot {
  return sumSnapshots(snapshots.map((snapshot, index) => ({ id: String(index), snapshot })))
}

/** In one order, with rounded fractions; how the process is, is no sum of what happened. */
function comparable({ clients, pools }: ProcessSnapshot): unknown {
  const byName = <Item>(items: readonly Item[], name: (item: Item) => string): Item[] =>
    [...items].sort((a, b) => name(a).localeCompare(name(b)))
  const nameOfPool = (id: number): string => clients.find(({ poolId }) => poolId === id)?.name ?? ''
  return rounded({
    clients: byName(clients, ({ name }) => name).map((client) => ({
      ...client,
      poolId: 0,
      guards: byName(client.guards, ({ origin }) => origin),
      attemptsByOrigin: byName(client.attemptsByOrigin, ({ origin }) => origin),
    })),
    pools: byName(pools, ({ id }) => nameOfPool(id)).map((pool) => ({ ...pool, id: 0 })),
  })
}

function rounded(value: unknown): unknown {
  if (typeof value === 'number') return Math.round(value * 1e9) / 1e9
  if (Array.isArray(value)) return value.map(rounded)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, rounded(one)]))
}

test('the sum of the parts is the whole, whichever way it was parted', () => {
  fc.assert(
    fc.property(happenings, fc.infiniteStream(fc.nat(2)), (all, places) => {
      const parts: (typeof all)[] = [[], [], []]
      for (const one of all) parts[places.next().value as number]!.push(one)
      const whole = processOf(all)
      expect(comparable(sum(...parts.map((part, index) => processOf(part, index + 1))))).toEqual(
        comparable(whole),
      )
    }),
  )
})

test('sums of sums are sums', () => {
  fc.assert(
    fc.property(happenings, happenings, happenings, (a, b, c) => {
      const [one, two, three] = [processOf(a, 1), processOf(b, 2), processOf(c, 3)]
      const direct = comparable(sum(one, two, three))
      expect(comparable(sum(sum(one, two), three))).toEqual(direct)
      expect(comparable(sum(one, sum(two, three)))).toEqual(direct)
      expect(comparable(sum(three, one, two))).toEqual(direct)
    }),
  )
})

const call = {
  client: 'search',
  origin: 'http://a',
  outcome: '2xx',
  bucket: 0,
  attempts: 1,
  operation: 'x',
} as const

test('a breaker that is open in one process is open in the sum, and says since when nothing of the others', () => {
  const [client] = sum(
    processOf([{ ...call, breaker: 'closed' }]),
    processOf([
      { ...call, breaker: 'open', outcome: '5xx' },
      { ...call, breaker: 'closed' },
      { ...call, breaker: 'closed' },
    ]),
  ).clients
  expect(client!.guards).toMatchObject([{ breaker: 'open', completions: 4, failureRatio: 0.25 }])
})

test('memory and processor time add, and the worst delay counts', () => {
  const { process } = sum(processOf([], 1), processOf([], 5), processOf([], 3))
  expect(process).toMatchObject({ cpu: 0.75, rss: 300, uptime: 5, loop: { p99: 5, max: 5 } })
})

test('no limit in one process is no limit in all; what a snapshot does not know hides nothing', () => {
  const one = processOf([{ ...call, breaker: 'closed' }], 1)
  const pool = one.pools[0]!
  const unlimited = { ...one, pools: [{ ...pool, limits: { ...pool.limits, maxQueue: null } }] }
  expect(sum(one, unlimited).pools[0]!.limits).toMatchObject({ maxQueue: null, maxDials: 2 })
  const unknown = { ...one, process: { ...one.process, loop: null, cpu: null } }
  expect(sum(unknown, one).process).toMatchObject({ cpu: 0.25, loop: { max: 1 } })
})

test('connections say which process they belong to, the busy ones first, and there are not more than 200', () => {
  const connection = {
    origin: 'http://a',
    state: 'busy',
    openedFor: 'first',
    idle: 0,
    requests: 1,
    bytesRead: 0,
  } as const
  const list = Array.from({ length: 150 }, (_, id) => ({
    ...connection,
    id,
    age: id,
    inFlight: id % 2,
    bytesWritten: 0,
  }))
  const one = processOf([{ ...call, breaker: 'closed' }])
  const full = { ...one, pools: [{ ...one.pools[0]!, connectionList: list }] }
  const [pool] = sum(full, full).pools
  expect(pool!.connectionList).toHaveLength(200)
  expect(pool!.connectionList![0]).toMatchObject({ process: '0', id: 149, inFlight: 1 })
  expect(pool!.connections).toBe(2)
})

test('histograms with other buckets keep their counts, each where its upper bound lies', () => {
  const one = processOf([{ ...call, bucket: 1, breaker: 'closed' }])
  const [client] = one.clients
  const fine = { unit: 's', bounds: [0.05, 0.5], counts: [1, 2, 4], count: 7, sum: 9 } as const
  const other = { ...one, clients: [{ ...client!, histograms: { ...client!.histograms, call: fine } }] }
  expect(sum(one, other).clients[0]!.histograms.call).toMatchObject({
    counts: [1, 1 + 2, 4],
    count: 8,
    sum: 10,
  })
})
