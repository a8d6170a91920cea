import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  levelOf,
  readContentFacts,
  scoreContent,
  scoreDependencies,
  scoreFreshness,
  scoreTime,
  scoreUsage,
  type DependencyFacts,
} from './freshness-score.ts'

const DAY = 86_400_000
const now = Date.UTC(2025, 9, 15)
const ago = (days: number): number => now - days * DAY

test('time halves in thirty days, with a bonus in the first week and a penalty after a year', () => {
  expect(scoreTime(ago(0), now)).toBe(1)
  expect(scoreTime(ago(3.5), now)).toBeCloseTo(0.5 ** (3.5 / 30) + 0.05)
  expect(scoreTime(ago(30), now)).toBeCloseTo(0.5)
  expect(scoreTime(ago(60), now)).toBeCloseTo(0.25)
  expect(scoreTime(ago(364), now)).toBeCloseTo(0.5 ** (364 / 30), 8)
  expect(scoreTime(ago(365), now)).toBeCloseTo(0.5 ** (365 / 30) / 2, 8)
  expect(scoreTime(now + DAY, now)).toBe(1)
})

test.each<[DependencyFacts, number]>([
  [{ status: 'verified' }, 1],
  [{ status: 'unverified' }, 0.8],
  [{ status: 'outdated' }, 0.6],
  [{ status: 'broken' }, 0.3],
  [{ status: 'verified', lastVerified: ago(90) }, 1],
  [{ status: 'verified', lastVerified: ago(91) }, 0.7],
  [{ status: 'outdated', lastVerified: ago(91) }, 0.42],
])('the dependency %o counts %d', (dependency, score) => {
  expect(scoreDependencies([dependency], now)).toBeCloseTo(score)
  expect(scoreDependencies([dependency, { status: 'verified' }], now)).toBeCloseTo((score + 1) / 2)
})

test('nothing known: no dependencies are no fault, content and usage are middling', () => {
  expect(scoreDependencies([], now)).toBe(1)
  expect(scoreContent(undefined)).toBe(0.7)
  expect(scoreUsage(undefined)).toBe(0.5)
})

test('the four are weighed 4 : 3 : 2 : 1 and multiplied by the type', () => {
  const { freshnessScore } = scoreFreshness({ lastModified: ago(30), documentType: 'changelog' }, now)
  expect(freshnessScore).toBeCloseTo(0.4 * 0.5 + 0.3 * 1 + 0.2 * 0.7 + 0.1 * 0.5)
  const readme = scoreFreshness({ lastModified: ago(30), documentType: 'README' }, now)
  expect(readme.freshnessScore).toBeCloseTo(freshnessScore * 0.9)
  for (const documentType of ['UNKNOWN', 'never heard of', undefined]) {
    const facts = { lastModified: ago(30), ...(documentType === undefined ? {} : { documentType }) }
    expect(scoreFreshness(facts, now).freshnessScore).toBeCloseTo(freshnessScore * 0.5)
  }
})

test('a broken critical dependency takes 0.2 off the whole', () => {
  const facts = { lastModified: now, documentType: 'CHANGELOG' }
  const of = (critical: boolean): number =>
    scoreFreshness({ ...facts, dependencies: [{ status: 'broken', critical }] }, now).freshnessScore
  expect(of(false) - of(true)).toBeCloseTo(0.2)
})

test.each([
  [0.8, 'FRESH'],
  [0.799, 'STALE'],
  [0.6, 'STALE'],
  [0.599, 'OUTDATED'],
  [0.3, 'OUTDATED'],
  [0.299, 'CRITICAL'],
  [0, 'CRITICAL'],
])('%d is %s', (score, level) => {
  expect(levelOf(score)).toBe(level)
})

test('content is judged by what its text says', () => {
  const stub = 'TODO: write this.'
  const good = `${'word '.repeat(320)}\n\`\`\`ts\nlet x\n\`\`\`\n`
  const tired = `${good} This is deprecated. It is no longer supported. FIXME`
  expect(readContentFacts(tired)).toEqual({ words: 332, codeExamples: 1, deprecations: 2, openEnds: 1 })
  const score = (text: string): number => scoreContent(readContentFacts(text))
  expect(score(stub)).toBeLessThan(0.7)
  expect(score(good)).toBeGreaterThan(0.7)
  expect(score(tired)).toBeLessThan(score(good))
})

test('reads count, up to a hundred', () => {
  expect(scoreUsage(0)).toBeCloseTo(0.2)
  expect(scoreUsage(9)).toBeCloseTo(0.6)
  expect(scoreUsage(99)).toBeCloseTo(1)
  expect(scoreUsage(1e6)).toBe(1)
})

test('whatever the facts, every score is from 0 to 1, and age never makes fresher', () => {
  const dependency = fc.record(
    {
      status: fc.constantFrom('verified', 'unverified', 'outdated', 'broken'),
      critical: fc.boolean(),
      lastVerified: fc.integer({ min: 0, max: now }),
    },
    { requiredKeys: ['status'] },
  )
  const count = fc.nat(10_000)
  const facts = fc.record(
    {
      lastModified: fc.integer({ min: 0, max: now }),
      documentType: fc.constantFrom('README', 'API', 'CHANGELOG', 'x'),
      dependencies: fc.array(dependency, { maxLength: 8 }),
      content: fc.record({ words: count, codeExamples: count, deprecations: count, openEnds: count }),
      usage: fc.record({ readsInLast30Days: count }),
    },
    { requiredKeys: ['lastModified'] },
  )
  const property = fc.property(facts, fc.nat(1_000), (known, days) => {
    const score = scoreFreshness(known, now)
    const { freshnessScore, timeScore, dependencyScore, contentScore, usageScore } = score
    for (const one of [freshnessScore, timeScore, dependencyScore, contentScore, usageScore]) {
      expect(one).toBeGreaterThanOrEqual(0)
      expect(one).toBeLessThanOrEqual(1)
    }
    const later = scoreFreshness(known, now + days * DAY)
    expect(later.freshnessScore).toBeLessThanOrEqual(freshnessScore)
  })
  fc.assert(property)
})
