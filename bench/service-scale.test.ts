/** That memory does not grow with the documents, that the numbers are numbers, and that generated documents are the same. */
import { describe, expect, test } from 'vitest'
import { chunkText } from '../apps/intelligence/src/indexing/chunk.ts'
import { outputOf } from './support/bench-output.ts'
import { answerTo, DIMENSIONS, embeddingOf } from './support/service-scale-answers.ts'
import { slopeOf, timesOf } from './support/service-scale-growth.ts'
import type { IndexResult } from './support/service-index-measure.ts'
import { House } from './support/service-scale-house.ts'
import { sharesOf } from './support/service-scale-profile.ts'
import type { ScaleResult } from './support/service-scale-result.ts'
import { documentOf, queryOf } from './support/service-scale-texts.ts'
import { slowAt } from './support/service-scale-use.ts'

/** How many documents are indexed before the heap is looked at, and after. */
const WARM = 600
const ALL = 1_800

describe('the service', { timeout: 600_000 }, () => {
  test('holds nothing of the documents that it has indexed', async () => {
    const plan = { capacities: slowAt('/api/generate', 64, 1), workers: 1, concurrency: 16, seed: 1 }
    await using house = await House.open(plan)
    const warm = await heapAt(house, WARM)
    const all = await heapAt(house, ALL)
    const { ended, degraded, failed, busy } = await house.figures()
    expect({ ended, degraded, failed, busy }).toEqual({ ended: ALL, degraded: 0, failed: 0, busy: 0 })
    // A document with its vectors and entities is 10 kB and more; what is left is compiled code and counters.
    expect((all - warm) / (ALL - WARM)).toBeLessThan(4_000)
  })

  test('what is measured are numbers, and every document is indexed', async () => {
    const { results, findings } = await outputOf<ScaleResult>('service-scale')
    const { growth, uses, sqliteBytes, postgres } = results[0]!
    expect(growth).toMatchObject({ documents: 100, degraded: 0, failed: 0 })
    expect(growth.portions.at(-1)!.to).toBeLessThanOrEqual(100)
    for (const { per_second, cpu_ms, rss } of growth.portions) {
      expect(per_second).toBeGreaterThan(0)
      expect(cpu_ms).toBeGreaterThan(0)
      expect(rss).toBeGreaterThan(1e6)
    }
    for (const { p50, p99 } of growth.marks.flatMap(({ words, meaning, hybrid }) => [words, meaning, hybrid]))
      expect(p99).toBeGreaterThanOrEqual(p50)
    expect(growth.profile.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1)
    expect(sqliteBytes).toBeGreaterThan(100 * 1_000)
    expect(uses.map(({ store, failed }) => [store, failed])).toEqual([['sqlite', 0]])
    // So few documents may all end between two looks.
    expect(uses[0]!.share).toBeGreaterThanOrEqual(0)
    expect(uses[0]!.alone).toBeGreaterThan(0)
    expect(postgres).toBeUndefined()
    expect(findings.at(-1)).toMatch(/^CPU a document: /)
  })
})

test('the index alone: every portion, its searches, and what they miss', { timeout: 120_000 }, async () => {
  const { results, findings } = await outputOf<IndexResult>('service-index')
  const { portions, recall, tables } = results[0]!
  expect(portions.map(({ documents }) => documents)).toEqual([100, 200])
  for (const { store, words, meaning } of portions) {
    for (const value of [store, words.p50, meaning.p50]) expect(value).toBeGreaterThan(0)
  }
  // With so few, all are compared.
  expect(recall).toEqual({ ten: 1, similar: 1 })
  expect(tables.find(({ name }) => name === 'vectors')!.bytes).toBeGreaterThan(768 * 4)
  expect(findings.at(-1)).toMatch(/^To store a document costs /)
})

async function heapAt(house: House, documents: number): Promise<number> {
  while (house.brought < documents) await house.bring(documents)
  await expect.poll(async () => (await house.figures()).ended, { timeout: 280_000 }).toBe(documents)
  return (await house.figures(true)).heap
}

test('documents come out the same for the same seed, in three sizes', () => {
  expect(documentOf(1, 7)).toEqual(documentOf(1, 7))
  expect(documentOf(1, 7).content).not.toBe(documentOf(2, 7).content)
  expect(queryOf(1, 3)).toBe(queryOf(1, 3))
  const lengths = Array.from({ length: 400 }, (_, at) => documentOf(1, at).content.length)
  const of = (least: number, most: number): number =>
    lengths.filter((length) => length >= least && length < most).length / lengths.length
  expect(of(400, 1_200)).toBeCloseTo(0.7, 1)
  expect(of(1_200, 4_000)).toBeCloseTo(0.25, 1)
  expect(of(4_000, 14_000)).toBeCloseTo(0.05, 1)
})

test('a query is nearer to its own topic than to others', () => {
  const vectors = Array.from({ length: 800 }, (_, at) => {
    return {
      text: documentOf(1, at).content,
      vector: embeddingOf(chunkText(documentOf(1, at).content)[0]!.text),
    }
  })
  const query = queryOf(1, 5)
  const near = (vector: Float32Array): number =>
    embeddingOf(query).reduce((sum, value, at) => sum + value * vector[at]!, 0)
  const best = vectors.toSorted((a, b) => near(b.vector) - near(a.vector))[0]!
  const [word = ''] = query.split(' ')
  expect(vectors.filter(({ text }) => text.toLowerCase().includes(word)).length).toBeLessThan(80)
  expect(query.split(' ').some((one) => best.text.toLowerCase().includes(one))).toBe(true)
})

test('the upstreams answer in the sizes that real ones do', () => {
  const { embeddings } = JSON.parse(
    answerTo({ path: '/api/embed', body: { input: ['a text', 'b text'] } }),
  ) as {
    embeddings: number[][]
  }
  expect(embeddings.map(({ length }) => length)).toEqual([DIMENSIONS, DIMENSIONS])
  expect(Math.hypot(...embeddings[0]!)).toBeCloseTo(1, 1)
  expect(() => answerTo({ path: '/none', body: {} })).toThrow('no upstream has /none')
})

test('the slope is that of the last three quarters, for a thousand documents', () => {
  const points = Array.from({ length: 41 }, (_, at) => ({ documents: at * 100, bytes: 7 * at * 100 }))
  expect(slopeOf(points)).toBeCloseTo(7_000)
  const warming = points.map(({ documents }) => ({
    documents,
    bytes: documents < 1_000 ? documents * 50 : 50_000,
  }))
  expect(slopeOf(warming)).toBeCloseTo(0)
  expect(slopeOf([])).toBe(0)
  expect(timesOf([3, 1, 2])).toEqual({ p50: 2, p99: 3 })
})

test('time is the part of whose work it is, however deep', () => {
  const frame = (functionName: string, url: string) => {
    return { functionName, url, scriptId: '1', lineNumber: 0, columnNumber: 0 }
  }
  const profile = {
    nodes: [
      { id: 1, callFrame: frame('(root)', ''), children: [2, 4, 5] },
      { id: 2, callFrame: frame('replaceDocument', 'file:///x/store/documents.ts'), children: [3] },
      { id: 3, callFrame: frame('run', ''), children: [] },
      { id: 4, callFrame: frame('(idle)', '') },
      { id: 5, callFrame: frame('other', 'node:internal/x') },
    ],
    ...{ startTime: 0, endTime: 100, samples: [3, 3, 4, 5], timeDeltas: [30, 30, 500, 20] },
  }
  expect(sharesOf(profile)).toEqual([
    { part: 'store: full text, vectors, entities', share: 0.75 },
    { part: 'Node and the rest', share: 0.25 },
  ])
})
