import fc from 'fast-check'
import { expect, test } from 'vitest'
import { relatedDocuments, search, searchEntities } from '../../src/search/search.ts'
import type { Store } from '../../src/store/store.ts'
import type { Case } from '../store-conformance.test.ts'
import { add, everything, sources, sourcesNear } from './samples.ts'

async function addPages(store: Store): Promise<void> {
  await add(store, {
    source: 'docs/pool.md',
    title: 'Connection pool',
    texts: ['Connections of Node.js are kept warm. ', 'The pool has one queue for waiting requests.'],
    vectors: [
      [1, 0, 0.1],
      [0.8, 0.6, 0],
    ],
    entities: ['Connection Pool', 'Queue'],
  })
  await add(store, {
    source: 'docs/retry.md',
    title: 'Retries',
    texts: ['A request that failed is sent again, when the pool has a connection.'],
    vectors: [[0, 1, 0]],
    entities: ['Retry', 'Connection Pool'],
  })
  await add(store, {
    source: 'notes/cats.txt',
    type: 'text',
    texts: ['Cats sleep in the Café Élan. Не спит. 猫が寝る。'],
    vectors: [[0, 0, 1]],
    entities: ['Café Cat'],
  })
}

export function searchLaws(current: () => Case): void {
  test('words are found in all their forms, without case, accents and stops, titles first', async () => {
    const { store } = current()
    await addPages(store)
    expect(await sources(store, ['connection'])).toEqual(['docs/pool.md', 'docs/retry.md'])
    expect(await sources(store, ['POOLING'])).toEqual(['docs/pool.md', 'docs/retry.md'])
    expect(await sources(store, ['cafe'])).toEqual(['notes/cats.txt'])
    expect(await sources(store, ['ÉLAN'])).toEqual(['notes/cats.txt'])
    expect(await sources(store, ['node'])).toEqual(['docs/pool.md'])
    expect(await sources(store, ['спит'])).toEqual(['notes/cats.txt'])
    expect(await sources(store, ['the'])).toHaveLength(3)
    expect(await sources(store, ['dogs'])).toEqual([])
    expect(await sources(store, [])).toEqual([])
  })

  test('who has more of the words comes first, and higher scores mean better', async () => {
    const { store } = current()
    await add(store, { source: 'one', texts: ['alpha and nothing else of it'] })
    await add(store, { source: 'three', texts: ['alpha beta gamma and nothing else'] })
    await add(store, { source: 'two', texts: ['alpha beta and nothing else of it'] })
    const found = await store.search.byWords(['alpha', 'beta', 'gamma'], {})
    expect(await sources(store, ['alpha', 'beta', 'gamma'])).toEqual(['three', 'two', 'one'])
    expect(found.map(({ score }) => score)).toEqual(found.map(({ score }) => score).toSorted((a, b) => b - a))
  })

  test('each document is put forward once, by its best chunk, and shown by it', async () => {
    const { store } = current()
    const texts = ['pool once here ', 'pool pool pool and idle ', 'nothing']
    const id = await add(store, { source: 'many', texts })
    const found = await store.search.byWords(['pool', 'idle'], {})
    expect(found.map(({ documentId }) => documentId)).toEqual([id])
    const chunkId = found[0]?.chunkId ?? -1
    const shown = (await store.search.show([chunkId, 987_654_321], ['pool', 'idle'])).get(chunkId)
    expect(shown).toMatchObject({ documentId: id, source: 'many', ordinal: 1, start: 15, end: 39 })
    const { text = '', marks = [] } = shown?.snippet ?? {}
    expect(text.trim()).toBe('pool pool pool and idle')
    expect(marks.map(({ start, end }) => text.slice(start, end))).toEqual(['pool', 'pool', 'pool', 'idle'])
  })

  test('a snippet is a piece of the text itself, from where the words are', async () => {
    const { store } = current()
    const body = `${'filler '.repeat(200)}<b>Näedle</b> ${'more '.repeat(100)}`
    await add(store, { source: 'long', texts: [body], vectors: [[1, 0]] })
    const [hit] = await store.search.byWords(['naedle'], {})
    const id = hit?.chunkId ?? -1
    const found = (await store.search.show([id], ['naedle'])).get(id)?.snippet
    expect(found?.marks.map(({ start, end }) => found.text.slice(start, end))).toEqual(['Näedle'])
    expect(body).toContain(found?.text.replace(/^…|…$/g, ''))
    const plain = (await store.search.show([id], ['unheard'])).get(id)?.snippet
    expect(plain?.marks).toEqual([])
    expect(plain?.text.startsWith('filler filler')).toBe(true)
  })

  test('the nearest vector comes first, strangers are left out, other sizes never match', async () => {
    const { store } = current()
    await addPages(store)
    await add(store, { source: 'zero', vectors: [[0, 0, 0]] })
    await add(store, { source: 'other model', vectors: [[1, 0.2]] })
    expect(await sourcesNear(store, [1, 0.2, 0], 0.15)).toEqual(['docs/pool.md', 'docs/retry.md'])
    expect(await sourcesNear(store, [1, 0.2, 0], 0.5)).toEqual(['docs/pool.md'])
    expect(await sourcesNear(store, [1, 0.2, 0])).toEqual(['docs/pool.md', 'docs/retry.md', 'notes/cats.txt'])
    const [best] = await store.search.byVector(Float32Array.from([1, 0.2, 0]), -1, {})
    expect(best?.score).toBeCloseTo(0.9758, 3)
    expect(await sourcesNear(store, [1, 0, 0, 0])).toEqual([])
    expect(await sourcesNear(store, [0, 0, 0])).toEqual([])
    expect(new Set(await store.search.dimensions())).toEqual(new Set([2, 3]))
  })

  test('among a thousand vectors the order is that of their cosines, exactly or nearly', async () => {
    const { store, maker } = current()
    const vectors = Array.from({ length: 1_000 }, (_, index) => direction(index, 16))
    for (let document = 0; document < 10; document++) {
      const own = vectors.slice(document * 100, document * 100 + 100)
      await add(store, { source: `v${document}`, texts: own.map((_, n) => `c${n}`), vectors: own })
    }
    const query = Float32Array.from(direction(4_242, 16))
    const found = await store.search.byVector(query, -1, {})
    const expected = Array.from({ length: 10 }, (_, document) => ({
      source: `v${document}`,
      best: Math.max(...vectors.slice(document * 100, document * 100 + 100).map((one) => cosine(one, query))),
    })).toSorted((a, b) => b.best - a.best)
    const scores = found.map(({ score }) => score)
    if (maker.exact) {
      expect(scores).toHaveLength(10)
      for (const [index, { best }] of expected.entries()) expect(scores[index]).toBeCloseTo(best, 4)
    } else {
      const hits = expected.filter(({ best }) => scores.some((score) => Math.abs(score - best) < 1e-4))
      expect(hits.length).toBeGreaterThanOrEqual(9)
    }
  }, 60_000)

  test('filters hold for words and for vectors', async () => {
    const { store } = current()
    await addPages(store)
    const both = async (filters: object) => {
      const words = (await sources(store, ['cats', 'pool'], filters)).toSorted()
      expect((await sourcesNear(store, [1, 1, 1], -1, filters)).toSorted()).toEqual(words)
      return words
    }
    expect(await both({})).toHaveLength(3)
    expect(await both({ source: 'docs' })).toEqual(['docs/pool.md', 'docs/retry.md'])
    expect(await both({ source: 'docs/' })).toEqual(['docs/pool.md', 'docs/retry.md'])
    expect(await both({ source: 'doc' })).toEqual([])
    expect(await both({ source: 'docs/pool.md' })).toEqual(['docs/pool.md'])
    expect(await both({ source: '%' })).toEqual([])
    expect(await both({ type: 'text' })).toEqual(['notes/cats.txt'])
    expect(await both({ entity: 'cafe CAT' })).toEqual(['notes/cats.txt'])
    expect(await both({ entity: 'queue', source: 'notes/' })).toEqual([])
  })

  test('entities are found by parts of their names: the very name, then beginnings, then the most mentioned', async () => {
    const { store } = current()
    await add(store, { source: 'a', entities: ['Big Pool', 'Pool', 'Pooling'] })
    await add(store, { source: 'b', entities: ['Big Pool', 'Café'] })
    const names = async (name: string, options = {}) => {
      return (await searchEntities(store, name, options)).map((entity) => entity.name)
    }
    expect(await names('pool')).toEqual(['Pool', 'Pooling', 'Big Pool'])
    expect(await names('cafe')).toEqual(['Café'])
    expect(await names('%')).toEqual([])
    expect(await names('pool', { type: 'FUNCTION' })).toEqual([])
    expect((await names('', { limit: 2 }))[0]).toBe('Big Pool')
    const [big] = await searchEntities(store, 'big pool')
    expect(big).toMatchObject({ confidence: 0.9, documentCount: 2, description: 'about Big Pool' })
    expect([big?.documentIds.length, big?.entityIds.length]).toEqual([2, 2])
  })

  test('related documents share entities, rare ones first, or meaning', async () => {
    const { store } = current()
    const id = await add(store, { source: 'me', entities: ['Common', 'Rare'], vectors: [[1, 0]] })
    await add(store, { source: 'common', entities: ['Common'] })
    await add(store, { source: 'common2', entities: ['common'] })
    await add(store, { source: 'rare', entities: ['Rare'] })
    await add(store, { source: 'near', vectors: [[0.9, 0.1]] })
    await add(store, { source: 'stranger', entities: ['Other'], vectors: [[0, 1]] })
    const related = (await relatedDocuments(store, id)) ?? []
    expect(new Set(related.map(({ source }) => source))).toEqual(
      new Set(['common', 'common2', 'near', 'rare']),
    )
    expect(related.find(({ source }) => source === 'rare')?.sharedEntities).toEqual(['Rare'])
    expect(related.find(({ source }) => source === 'near')?.similarity).toBeCloseTo(0.9939, 3)
    expect((await store.search.sharingEntities(id))[0]?.names).toEqual(['Rare'])
  })

  test('no text that is searched for, stored or filtered by is ever read as SQL', async () => {
    const { store } = current()
    await addPages(store)
    const before = await everything(store)
    const nasty = fc.oneof(
      fc.constantFrom(
        `' OR 1=1 --`,
        `'; DROP TABLE documents; --`,
        `$1`,
        `?1`,
        `" OR "a"`,
        `a' & 'b | !c <-> d`,
        `NEAR(a b)`,
        `\\'`,
        `$$; DROP SCHEMA intelligence CASCADE; $$`,
        `{s}`,
        `\u0002\u0003`,
      ),
      fc.string({ unit: 'grapheme', maxLength: 60 }).filter((text) => !text.includes('\0')),
    )
    await fc.assert(
      fc.asyncProperty(nasty, nasty, nasty, async (query, source, entity) => {
        await search(store, { query, filters: { source, type: entity, entity } })
        await store.search.byWords([query, source], {})
        await searchEntities(store, entity, { type: source })
        await store.documents.summary(query)
        await store.jobs.status(source)
        await store.jobs.discard(entity)
        expect(await store.documents.remove(`${query}-none`)).toBe(false)
        const id = await add(store, {
          source: `nasty ${source}`,
          title: query,
          texts: [entity],
          entities: [query],
        })
        const words = await store.search.byWords(['pool', query], {})
        await store.search.show(
          words.map(({ chunkId }) => chunkId),
          ['pool', query],
        )
        expect(await store.documents.remove(id)).toBe(true)
      }),
      { numRuns: 30 },
    )
    expect(await everything(store)).toEqual(before)
  }, 60_000)
}

/** Always the same, and all over the place. */
function direction(seed: number, dimensions: number): number[] {
  return Array.from(
    { length: dimensions },
    (_, index) => Math.sin(seed * 12.9898 + index * 78.233) * 2 + Math.sin(seed * index),
  )
}

function cosine(a: readonly number[], b: Float32Array): number {
  const dot = (x: ArrayLike<number>, y: ArrayLike<number>) => {
    return Array.from(x).reduce((sum, value, index) => sum + value * (y[index] ?? 0), 0)
  }
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b))
}
