import fc from 'fast-check'
import { expect, test } from 'vitest'
import { sampleDocument } from '../../src/store/sample-document.ts'
import type { IndexedDocument } from '../../src/store/records.ts'
import type { Case } from '../store-conformance.test.ts'
import { add, draft, everything, sources } from './samples.ts'

const full = (): IndexedDocument => ({
  ...sampleDocument({
    source: 'docs/pool.md',
    title: 'The pool',
    texts: ['One queue. ', 'Warm sockets.'],
    vectors: [[1, 0], null],
    entities: ['Pool', 'Queue'],
  }),
  relationships: [
    { sourceEntityId: 'a', targetEntityId: 'b', type: 'USES', confidence: 0.5, context: 'said so' },
    { sourceEntityId: 'b', targetEntityId: 'c', type: 'USES', confidence: 0.25, context: null },
  ],
  analysis: {
    concepts: [
      { name: 'reuse', score: 0.5, detail: { context: 'here' } },
      { name: 'pooling', score: 0.75, detail: null },
    ],
    themes: [{ name: 'speed', score: 0.5, detail: null }],
    domains: [],
  },
})

export function documentLaws(current: () => Case): void {
  test('a document comes back as it was stored, with all its parts', async () => {
    const { store } = current()
    const { chunks, ...rest } = full()
    const before = Date.now()
    expect(await store.documents.replace({ chunks, ...rest })).toEqual({
      created: true,
      chunks: 2,
      vectors: 1,
      entities: 2,
      relationships: 2,
    })
    const found = await store.documents.get(rest.id)
    const { concepts, themes, domains } = rest.analysis
    expect(found).toEqual({
      ...rest,
      analysis: { concepts: concepts.toReversed(), themes, domains },
      chunks: chunks.map(({ vector, ...chunk }) => ({ ...chunk, embedded: vector !== null })),
      createdAt: expect.any(Number),
      updatedAt: found?.createdAt,
    })
    expect(Math.abs((found?.createdAt ?? 0) - before)).toBeLessThan(60_000)
    expect(await store.documents.summary('doc_nobody')).toBeUndefined()
    expect(await store.documents.get('doc_nobody')).toBeUndefined()
  })

  test('the same again changes nothing but the moment; another text replaces every part', async () => {
    const { store } = current()
    await store.documents.replace(full())
    const first = await store.documents.get(full().id)
    expect(await store.documents.replace(full())).toMatchObject({ created: false })
    const again = await store.documents.get(full().id)
    expect({ ...again, updatedAt: 0 }).toEqual({ ...first, updatedAt: 0 })
    const { id, analysis } = full()
    const changed = sampleDocument({ source: 'docs/pool.md', texts: ['Only cats.'] })
    expect(changed.id).toBe(id)
    await store.documents.replace(changed)
    expect(await store.documents.counts()).toEqual({
      documents: 1,
      chunks: 1,
      vectors: 0,
      entities: 0,
      relationships: 0,
    })
    expect((await store.documents.get(id))?.analysis).not.toEqual(analysis)
    expect(await sources(store, ['queue'])).toEqual([])
    expect(await sources(store, ['cats'])).toEqual(['docs/pool.md'])
    expect(await store.search.byVector(Float32Array.from([1, 0]), -1, {})).toEqual([])
  })

  test('many that replace the same document at once leave one of them whole', async () => {
    const { store } = current()
    const versions = Array.from({ length: 8 }, (_, index) =>
      sampleDocument({ source: 's', texts: Array.from({ length: index + 1 }, () => `version${index} `) }),
    )
    await Promise.all(versions.map((version) => store.documents.replace(version)))
    const chunks = (await store.documents.get(versions[0]?.id ?? ''))?.chunks ?? []
    expect(new Set(chunks.map(({ text }) => text))).toEqual(new Set([`version${chunks.length - 1} `]))
  })

  test('deleting removes everything that is known of a document, and nothing else', async () => {
    const { store } = current()
    await store.documents.replace(full())
    await add(store, { source: 'other', texts: ['Other words.'], vectors: [[0, 1]], entities: ['Other'] })
    const others = await store.documents.counts()
    const mine = draft(full().id)
    await store.jobs.enqueue([mine])
    await store.unfinished.degrade(mine, 'hash', { done: {} }, ['entities'], null)
    expect(await store.documents.remove(full().id)).toBe(true)
    expect(await everything(store)).toEqual({
      documents: { documents: 1, chunks: 1, vectors: 1, entities: 1, relationships: 0 },
      jobs: { pending: 0, running: 0, succeeded: 0, failed: 0, dead: 0 },
      unfinished: { documents: 0, byStage: {} },
    })
    expect(others.documents).toBe(2)
    expect(await sources(store, ['queue'])).toEqual([])
    expect(await store.jobs.claim(1, 1_000)).toEqual([])
    expect(await store.documents.remove(full().id)).toBe(false)
  })

  test('what cannot be stored changes nothing at all, and says what is wrong with it', async () => {
    const { store } = current()
    await store.documents.replace(full())
    const before = await store.documents.get(full().id)
    const [first, second] = full().chunks
    if (first === undefined || second === undefined) throw new Error('the sample has two chunks')
    const bad: [Partial<IndexedDocument>, RegExp][] = [
      [{ chunks: [first, { ...second, vector: [1, Number.NaN] }] }, /holds NaN at position 1/],
      [{ chunks: [first, { ...second, vector: [1, 2, 3] }] }, /have 2 and 3 numbers/],
      [{ chunks: [first, { ...second, vector: [] }] }, /numbers|empty/],
      [{ chunks: [first, { ...second, ordinal: 0 }] }, /came twice/],
      [{ chunks: [{ ...first, start: 5, end: 4 }] }, /spans 5 to 4/],
      [{ chunks: [{ ...first, start: 0.5 }] }, /spans 0.5/],
    ]
    for (const [parts, reason] of bad) {
      const refused = store.documents.replace({ ...full(), title: 'Changed', ...parts })
      await expect(refused).rejects.toMatchObject({ code: 'invalid', message: expect.stringMatching(reason) })
    }
    expect(await store.documents.get(full().id)).toEqual(before)
  })

  test('texts of every script, and names of every shape, come back letter by letter', async () => {
    const { store } = current()
    const text = fc.string({ unit: 'grapheme', maxLength: 40 }).filter((one) => !one.includes('\0'))
    await fc.assert(
      fc.asyncProperty(text, text, text, async (title, body, name) => {
        const sample = sampleDocument({ source: `s ${title}`, title, texts: [body, 'x'], entities: [name] })
        const metadata = { [name]: [title, { body }], zero: '\0' }
        await store.documents.replace({ ...sample, metadata })
        const found = await store.documents.get(sample.id)
        expect(found).toMatchObject({ title, metadata })
        expect(found?.chunks[0]?.text).toBe(body)
        expect(found?.entities[0]?.name).toBe(name)
      }),
      { numRuns: 25 },
    )
  })

  test('a document of four megabytes and two thousand chunks is stored and found', async () => {
    const { store } = current()
    const texts = Array.from({ length: 2_000 }, (_, index) => `part${index} ${'filler words '.repeat(150)}`)
    const vectors = texts.map((_, index) => [Math.cos(index), Math.sin(index), 0.5])
    const id = await add(store, { source: 'big', texts, vectors })
    expect(await store.documents.counts()).toMatchObject({ chunks: 2_000, vectors: 2_000 })
    const [hit] = await store.search.byWords(['part1234'], {})
    expect(hit?.documentId).toBe(id)
    const shown = await store.search.show([hit?.chunkId ?? -1], ['part1234'])
    expect(shown.get(hit?.chunkId ?? -1)?.ordinal).toBe(1_234)
  }, 60_000)

  test('one chunk of two megabytes, and a word of ten thousand letters, do no harm', async () => {
    const { store } = current()
    await add(store, { source: 'flat', texts: [`needle ${'word '.repeat(400_000)}`, 'x'.repeat(10_000)] })
    expect(await sources(store, ['needle'])).toEqual(['flat'])
    expect((await sources(store, ['x'.repeat(10_000)])).length).toBeLessThanOrEqual(1)
  }, 60_000)

  test('lists give those indexed last first, page by page', async () => {
    const { store } = current()
    for (const source of ['a', 'b', 'c', 'd', 'e']) {
      await add(store, { source })
      await new Promise((resolve) => setTimeout(resolve, 3))
    }
    await add(store, { source: 'b' })
    const list = async (offset: number) => {
      return (await store.documents.list({ limit: 2, offset })).map(({ source }) => source)
    }
    expect([...(await list(0)), ...(await list(2)), ...(await list(4))]).toEqual(['b', 'e', 'd', 'c', 'a'])
  })
}
