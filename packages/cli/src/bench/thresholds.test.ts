import { expect, test } from 'vitest'
import type { Estimate } from '../measuring/statistics.ts'
import type { Comparison, Summary } from './summary.ts'
import { judge, readThreshold } from './thresholds.ts'

const exactly = (value: number): Estimate => ({ median: value, lower: value, upper: value })

function summary(name: string, more: Partial<Summary> = {}): Summary {
  const latency = { p50: exactly(5), p90: exactly(20), p99: exactly(50), 'p99.9': exactly(80) }
  return {
    ...{ name, requests: 990, failures: { reset: 4, 'status 503': 6 }, failed: 0.01, latency, slowest: 90 },
    ...{ throughput: exactly(1_000), cpu: exactly(60), connections: 10, lostRaces: 0, ...more },
  }
}

const comparison: Comparison = {
  ...{ arm: 'pooled', other: 'unpooled', decided: true },
  ...{ latency: exactly(3), throughput: exactly(3), cpu: exactly(2) },
}
const arms = ['pooled', 'unpooled']
const summaries = [summary('pooled'), summary('unpooled', { slowest: 900 })]

test.each([
  ['p99>50ms', 50, false],
  ['p99>=50ms', 50, true],
  ['p99 > 0.049s', 50, true],
  ['p99>49', 50, true],
  ['p99.9>79999us', 80, true],
  ['p90<20.1', 20, true],
  ['errors>9', 10, true],
  ['errors>1%', 1, false],
  ['errors>0.99%', 1, true],
  ['throughput<=1000/s', 1_000, true],
  ['connections>10', 10, false],
  ['cpu>0.05ms', 60, true],
  ['speedup<3.5x', 3, true],
  ['slowest>100ms', 90, false],
  ['unpooled:slowest>100ms', 900, true],
])('%s: it is %d, so that it fails: %s', (text, value, failed) => {
  const found = judge(readThreshold(text, arms), summaries, [comparison])
  expect(found.failed).toBe(failed)
  expect(found.value).toBeCloseTo(value)
})

test('what was not measured cannot be held to be good', () => {
  const latency = { p50: exactly(NaN), p90: exactly(NaN), p99: exactly(NaN), 'p99.9': exactly(NaN) }
  const empty = summary('pooled', { latency })
  expect(judge(readThreshold('p99>50ms', arms), [empty], [])).toEqual({
    text: 'p99>50ms',
    value: null,
    unit: 'ms',
    failed: true,
  })
})

test.each([
  ['p98>5ms', 'Did you mean p9'],
  ['p99>5kg', 'is no threshold'],
  ['p99=5ms', 'is no threshold'],
  ['p99>', 'is no threshold'],
  ['', 'is no threshold'],
  ['pol:p99>5ms', 'There are: pooled, unpooled'],
])('%j is refused', (text, complaint) => {
  expect(() => readThreshold(text, arms)).toThrow(complaint)
})

test('a speedup needs somebody to be faster than', () => {
  expect(() => readThreshold('speedup<2', ['pooled'])).toThrow('needs two arms')
})
