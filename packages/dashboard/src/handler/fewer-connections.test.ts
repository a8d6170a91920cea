import type { ObservedPool, ProcessSnapshot } from 'keepwarm'
import { expect, test } from 'vitest'
import { processOf } from '../../test/support/handler-parts.ts'
import { withFewerConnections } from './fewer-connections.ts'

function snapshotOf(...counts: readonly (number | undefined)[]): ProcessSnapshot {
  const pools = counts.map((count, id) => ({
    id,
    ...(count !== undefined && {
      connectionList: Array.from({ length: count }, (_, index) => ({ id: index })),
    }),
  }))
  return { ...processOf([]), pools: pools as unknown as ObservedPool[] }
}

function shown(...counts: readonly (number | undefined)[]): (number | undefined)[] {
  return withFewerConnections(snapshotOf(...counts)).pools.map(({ connectionList }) => connectionList?.length)
}

test('many pools show fewer connections of each, the first ones, and never less than twenty', () => {
  expect(shown(...Array<number>(10).fill(100))).toEqual(Array(10).fill(30))
  expect(shown(...Array<number>(50).fill(100))).toEqual(Array(50).fill(20))
  const [pool] = withFewerConnections(snapshotOf(...Array<number>(10).fill(100))).pools
  expect(pool!.connectionList![0]).toEqual({ id: 0 })
})

test('few pools show what they have', () => {
  const snapshot = snapshotOf(200, 0, undefined)
  expect(withFewerConnections(snapshot)).toBe(snapshot)
  expect(shown(200, 100)).toEqual([150, 100])
})
