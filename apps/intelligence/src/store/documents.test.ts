import { expect, test } from 'vitest'
import { openDatabase } from './database.ts'
import {
  countDocuments,
  getDocument,
  getDocumentSummary,
  listDocuments,
  removeDocument,
  replaceDocument,
} from './documents.ts'
import type { IndexedDocument } from './records.ts'
import { sampleDocument } from './sample-document.ts'

const nothing = { documents: 0, chunks: 0, vectors: 0, entities: 0, relationships: 0 }

function full(): IndexedDocument {
  const sample = sampleDocument({
    source: 'docs/pool.md',
    title: 'The pool',
    texts: ['Connections wait. ', 'Nul \0 and 🙂 are kept.'],
    vectors: [[1, 0, 0], null],
    entities: ['Connection Pool', 'Queue'],
  })
  const [pool, queue] = sample.entities.map((entity) => entity.entityId)
  const fact = { sourceEntityId: pool ?? '', targetEntityId: queue ?? '', type: 'contains', confidence: 0.5 }
  return {
    ...sample,
    relationships: [{ ...fact, context: null }],
    analysis: {
      concepts: [{ name: 'pooling', score: 0.9, detail: { context: 'http' } }],
      themes: [{ name: 'speed', score: 0.4, detail: null }],
      domains: [],
    },
  }
}

test('what is stored is read back', () => {
  using db = openDatabase(':memory:')
  const indexed = full()
  const replaced = replaceDocument(db, indexed, 1_000)
  expect(replaced).toEqual({ created: true, chunks: 2, vectors: 1, entities: 2, relationships: 1 })
  const { chunks, ...rest } = indexed
  const read = getDocument(db, indexed.id)
  expect(read).toEqual({
    ...rest,
    chunks: chunks.map(({ vector, ...chunk }) => ({ ...chunk, embedded: vector !== null })),
    createdAt: 1_000,
    updatedAt: 1_000,
  })
  expect(getDocument(db, 'doc_nobody')).toBeUndefined()
  expect(getDocumentSummary(db, indexed.id)).toMatchObject({
    contentHash: indexed.contentHash,
    title: 'The pool',
  })
})

test('indexing again replaces every part and keeps the first date', () => {
  using db = openDatabase(':memory:')
  for (let time = 1; time <= 5; time += 1) replaceDocument(db, full(), time)
  expect(countDocuments(db)).toEqual({ documents: 1, chunks: 2, vectors: 1, entities: 2, relationships: 1 })
  const shorter = sampleDocument({ source: 'docs/pool.md', title: 'New title', texts: ['Only this.'] })
  expect(replaceDocument(db, shorter, 9)).toMatchObject({ created: false, chunks: 1, vectors: 0 })
  const read = getDocument(db, shorter.id)
  expect(read).toMatchObject({
    title: 'New title',
    createdAt: 1,
    updatedAt: 9,
    entities: [],
    relationships: [],
  })
  expect(read?.analysis).toEqual({ concepts: [], themes: [], domains: [] })
  const words = db.all<{ body: string }>('SELECT title, body FROM chunk_text')
  expect(words).toEqual([{ title: 'New title', body: 'Only this.' }])
  expect(db.get('SELECT count(*) AS n FROM vector_sketches')).toEqual({ n: 0 })
})

test('removing leaves nothing behind', () => {
  using db = openDatabase(':memory:')
  const indexed = full()
  replaceDocument(db, indexed, 1)
  expect(removeDocument(db, indexed.id)).toBe(true)
  expect(removeDocument(db, indexed.id)).toBe(false)
  expect(countDocuments(db)).toEqual(nothing)
  for (const table of ['chunk_text', 'topics', 'vectors', 'vector_sketches']) {
    expect(db.connection.prepare(`SELECT count(*) AS n FROM ${table}`).get()).toEqual({ n: 0 })
  }
})

test('a document with a fault changes nothing', () => {
  using db = openDatabase(':memory:')
  const good = full()
  replaceDocument(db, good, 1)
  const before = getDocument(db, good.id)
  const chunk = { ordinal: 0, start: 0, end: 1, text: 'x', heading: null, vector: null }
  const faults: [Partial<IndexedDocument>, RegExp][] = [
    [
      { chunks: [{ ...chunk, vector: [1, Number.NaN] }] },
      /vector of chunk 0 of doc_\w+ holds NaN at position 1/,
    ],
    [{ chunks: [{ ...chunk, vector: [1e300] }] }, /holds Infinity|holds 1e\+300/],
    [{ chunks: [{ ...chunk, vector: [] }] }, /is empty/],
    [
      { chunks: [{ ...chunk, vector: new Array<number>(8_193).fill(1) }] },
      /8193 numbers: expected at most 8192/,
    ],
    [{ chunks: [chunk, chunk] }, /chunk 0 of doc_\w+ came twice/],
    [{ chunks: [{ ...chunk, start: 5, end: 2 }] }, /spans 5 to 2/],
    [
      {
        chunks: [
          { ...chunk, vector: [1, 2] },
          { ...chunk, ordinal: 1, vector: [1, 2, 3] },
        ],
      },
      /have 2 and 3 numbers: expected one size/,
    ],
    [
      { entities: good.entities.map((entity) => ({ ...entity, span: { start: -1, end: 2 } })) },
      /spans -1 to 2/,
    ],
  ]
  for (const [fault, message] of faults) {
    expect(() => replaceDocument(db, { ...good, title: 'Bad', ...fault }, 2)).toThrow(message)
    expect(getDocument(db, good.id)).toEqual(before)
  }
})

test('two sources that share an id by chance do not swallow each other, a moved document may', () => {
  using db = openDatabase(':memory:')
  const named = { ...sampleDocument({ source: 'old.md' }), id: 'my-own-id' }
  replaceDocument(db, named, 1)
  replaceDocument(db, { ...named, source: 'new.md' }, 2)
  expect(getDocument(db, 'my-own-id')?.source).toBe('new.md')
  // Found by search among 36 million names: both have the id doc_064dd658e4c7.
  const [first, second] = ['docs/page-2322558.md', 'docs/page-21627010.md'].map((source) =>
    sampleDocument({ source }),
  )
  if (first === undefined || second === undefined) throw new Error('no documents')
  expect(second.id).toBe(first.id)
  replaceDocument(db, first, 1)
  expect(() => replaceDocument(db, second, 2)).toThrow(
    /page-21627010.md and docs\/page-2322558.md have the same id/,
  )
  replaceDocument(db, { ...second, id: 'another' }, 3)
  expect(getDocument(db, first.id)?.source).toBe(first.source)
})

test('documents are listed by their last indexing', () => {
  using db = openDatabase(':memory:')
  for (const [index, source] of ['a', 'b', 'c'].entries())
    replaceDocument(db, sampleDocument({ source }), index)
  replaceDocument(db, sampleDocument({ source: 'a' }), 9)
  const sources = (limit: number, offset: number) =>
    listDocuments(db, { limit, offset }).map((row) => row.source)
  expect(sources(10, 0)).toEqual(['a', 'c', 'b'])
  expect(sources(1, 1)).toEqual(['c'])
})

test('an extractor may name the same entity more than once', () => {
  using db = openDatabase(':memory:')
  const indexed = sampleDocument({ source: 'a', entities: ['Pool', 'Pool'] })
  replaceDocument(db, indexed, 1)
  expect(getDocument(db, indexed.id)?.entities).toHaveLength(2)
})
