import fc from 'fast-check'
import { expect, test } from 'vitest'
import { BucketCounts, bucketBounds, bucketPresets, sumOf } from './buckets.ts'

const durations = fc.array(fc.double({ min: 0, max: 700_000, noNaN: true }), { maxLength: 50 })
const bounds = fc.oneof(
  fc.constantFrom(...bucketPresets).map((preset) => bucketBounds(preset)),
  fc
    .uniqueArray(fc.integer({ min: 1, max: 700 }), { minLength: 1, maxLength: 30 })
    .map((list) => list.toSorted((a, b) => a - b)),
)

test('a bucket has what lies at or below its bound and above the one before', () => {
  fc.assert(
    fc.property(bounds, durations, (limits, given) => {
      const counts = new BucketCounts(limits)
      for (const duration of given) counts.add(duration)
      const naive = [...limits, Infinity].map(
        (bound, i) =>
          given.filter((ms) => ms / 1_000 <= bound && (i === 0 || ms / 1_000 > limits[i - 1]!)).length,
      )
      const snapshot = counts.snapshot()
      expect(snapshot).toMatchObject({ unit: 's', bounds: limits, counts: naive, count: given.length })
      expect(snapshot.sum).toBeCloseTo(
        given.reduce((all, one) => all + one / 1_000, 0),
        6,
      )
    }),
  )
})

test('what lies exactly at a bound is at or below it', () => {
  const counts = new BucketCounts([0.005, 1])
  counts.add(5)
  counts.add(1_000)
  counts.add(1_000.001)
  expect(counts.snapshot().counts).toEqual([1, 1, 1])
})

test('several are added as if one had counted them all', () => {
  fc.assert(
    fc.property(durations, durations, (one, two) => {
      const limits = bucketBounds('generations')
      const [a, b, both] = [new BucketCounts(limits), new BucketCounts(limits), new BucketCounts(limits)]
      for (const duration of one) a.add(duration)
      for (const duration of two) b.add(duration)
      for (const duration of [...one, ...two]) both.add(duration)
      const { sum, ...counted } = sumOf(limits, [a, b])
      expect(both.snapshot()).toMatchObject(counted)
      expect(sum).toBeCloseTo(both.snapshot().sum, 6)
    }),
  )
})

test.each(bucketPresets)(
  'the bounds of %s grow; those for generations reach beyond five minutes',
  (preset) => {
    const limits = bucketBounds(preset)
    expect(limits).toEqual([...new Set(limits)].sort((a, b) => a - b))
    expect(limits.at(-1)).toBeGreaterThanOrEqual(preset === 'generations' ? 300 : 10)
  },
)
