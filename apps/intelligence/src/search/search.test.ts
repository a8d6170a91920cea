import fc from 'fast-check'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openDatabase } from '../store/database.ts'
import type { Database } from '../store/database.ts'
import { replaceDocument } from '../store/documents.ts'
import { sampleDocument } from '../store/sample-document.ts'
import { storeOn } from '../store/sqlite-store.ts'
import type { Store } from '../store/store.ts'
import type { Sample } from '../store/sample-document.ts'
import { relatedDocuments, search, searchEntities } from './search.ts'
import { CLOSE, OPEN, readMarks } from '../store/snippet.ts'

let db: Database
let store: Store
const open = (file: Database): void => {
  db = file
  store = storeOn(db)
}
beforeEach(() => open(openDatabase(':memory:')))
afterEach(() => db.close())

function add(sample: Sample): string {
  const indexed = sampleDocument(sample)
  replaceDocument(db, indexed, 1)
  return indexed.id
}

const sources = async (query: string, more: Partial<Parameters<typeof search>[1]> = {}) =>
  (await find({ query, ...more })).hits.map((hit) => hit.source)
const find = (request: Parameters<typeof search>[1]) => search(store, request)

function addPages(): void {
  add({
    source: 'docs/pool.md',
    title: 'Connection pool',
    texts: ['Connections are kept warm. ', 'The pool has one queue for waiting requests.'],
    vectors: [
      [1, 0, 0.1],
      [0.8, 0.6, 0],
    ],
    entities: ['Connection Pool', 'Queue'],
  })
  add({
    source: 'docs/retry.md',
    title: 'Retries',
    texts: ['A request that failed is sent again, when the pool has a connection.'],
    vectors: [[0, 1, 0]],
    entities: ['Retry', 'Connection Pool'],
  })
  add({
    source: 'notes/cats.txt',
    type: 'text',
    texts: ['Cats sleep.'],
    vectors: [[0, 0, 1]],
    entities: ['Café Cat'],
  })
}

test('words are found in all their forms, the best chunk of each document once, titles first', async () => {
  addPages()
  const result = await find({ query: 'connection pooling' })
  expect(result.hits.map((hit) => hit.source)).toEqual(['docs/pool.md', 'docs/retry.md'])
  expect(result).toMatchObject({ total: 2, hasMore: false, terms: ['connection', 'pooling'], warnings: [] })
  expect(result.hits[0]).toMatchObject({
    title: 'Connection pool',
    type: 'markdown',
    vector: null,
    words: { rank: 1 },
  })
  expect(result.hits[0]?.words?.score).toBeGreaterThan(result.hits[1]?.words?.score ?? Number.NaN)
})

test('a snippet is plain text with the places of the words', async () => {
  addPages()
  const [hit] = (await find({ query: 'requests queue' })).hits
  expect(hit?.chunk).toEqual({ ordinal: 1, start: 27, end: 71, heading: null })
  const { text = '', marks = [] } = hit?.snippet ?? {}
  expect(text).toBe('The pool has one queue for waiting requests.')
  expect(marks.map(({ start, end }) => text.slice(start, end))).toEqual(['queue', 'requests'])
})

test('each document is shown by its own words, also where many hold the same', async () => {
  for (const name of ['alpha', 'beta', 'gamma'])
    add({ source: name, texts: [`A pool of ${name} and idle sockets.`] })
  const { hits } = await find({ query: 'pool idle' })
  expect(hits).toHaveLength(3)
  for (const { source, snippet } of hits) expect(snippet.text).toBe(`A pool of ${source} and idle sockets.`)
})

test('a long chunk is shown from where the words are, and from its beginning when only its meaning was near', async () => {
  add({ source: 'long', texts: [`${'filler '.repeat(200)}needle ${'more '.repeat(100)}`], vectors: [[1, 0]] })
  const found = (await find({ query: 'needle' })).hits[0]?.snippet
  expect(found?.marks).toHaveLength(1)
  expect(found?.text.startsWith('…')).toBe(true)
  const near = (await find({ query: 'unheard', queryVector: [1, 0] })).hits[0]?.snippet
  expect(near?.text.startsWith('filler filler')).toBe(true)
  expect(near?.marks).toEqual([])
  expect(near?.text.length).toBeLessThanOrEqual(241)
})

test('marks in a text that has such characters itself do no harm', async () => {
  expect(readMarks(`a${OPEN}b${CLOSE}c${CLOSE}${OPEN}${CLOSE}d${OPEN}`)).toEqual({
    text: 'abcd',
    marks: [{ start: 1, end: 2 }],
  })
})

test('meaning alone finds, by its nearest chunk, and strangers are left out', async () => {
  addPages()
  const result = await find({ query: '', queryVector: [1, 0.2, 0] })
  expect(result.hits.map((hit) => hit.source)).toEqual(['docs/pool.md', 'docs/retry.md'])
  expect(result.hits[0]).toMatchObject({ chunk: { ordinal: 0 }, words: null, vector: { rank: 1 } })
  expect(result.hits[0]?.vector?.score).toBeCloseTo(0.9758, 3)
  expect(await sources('', { queryVector: [1, 0.2, 0], minSimilarity: 0.5 })).toEqual(['docs/pool.md'])
  expect(await sources('', { queryVector: [1, 0.2, 0], minSimilarity: -1 })).toHaveLength(3)
})

test('both together put first what both find', async () => {
  addPages()
  const { hits } = await find({ query: 'sent requests', queryVector: [0, 1, 0] })
  expect(hits[0]?.source).toBe('docs/retry.md')
  expect(hits[0]?.score).toBeCloseTo(2 / 61, 10)
  expect(hits[1]).toMatchObject({ source: 'docs/pool.md', words: { rank: 2 }, vector: { rank: 2 } })
})

test('both vector engines give the same result', async () => {
  addPages()
  const request = { query: 'pool', queryVector: [0.5, 0.5, 0.2], filters: { type: 'markdown' } }
  const fast = await find(request)
  db.close()
  open(openDatabase(':memory:', { vectorExtension: false }))
  addPages()
  const scan = await find(request)
  expect(scan.hits.map((hit) => hit.documentId)).toEqual(fast.hits.map((hit) => hit.documentId))
  for (const [index, hit] of scan.hits.entries()) {
    expect(hit.vector?.score).toBeCloseTo(fast.hits[index]?.vector?.score ?? Number.NaN, 5)
  }
})

test('filters hold for both engines', async () => {
  addPages()
  const all = { queryVector: [1, 1, 1], minSimilarity: -1 }
  expect(await sources('cats pool', all)).toHaveLength(3)
  expect((await sources('cats pool', { ...all, filters: { source: 'docs' } })).toSorted()).toEqual([
    'docs/pool.md',
    'docs/retry.md',
  ])
  expect(await sources('cats pool', { ...all, filters: { source: 'doc' } })).toEqual([])
  expect(await sources('cats pool', { ...all, filters: { source: 'docs/pool.md' } })).toEqual([
    'docs/pool.md',
  ])
  expect(await sources('cats pool', { ...all, filters: { type: 'text' } })).toEqual(['notes/cats.txt'])
  expect(await sources('cats pool', { ...all, filters: { entity: 'cafe CAT' } })).toEqual(['notes/cats.txt'])
  expect(await sources('cats pool', { ...all, filters: { entity: 'queue', source: 'notes/' } })).toEqual([])
  expect(await sources('pool', { filters: { source: `' OR 1=1 --` } })).toEqual([])
})

test('entities that share a word with the query come with the hit', async () => {
  addPages()
  const [pool] = (await find({ query: 'the QUEUE and the connections pool' })).hits
  expect(pool?.entities.map((entity) => entity.name)).toEqual(['Connection Pool', 'Queue'])
  expect((await find({ query: 'cafe sleep' })).hits[0]?.entities).toMatchObject([
    { name: 'Café Cat', type: 'CONCEPT' },
  ])
  expect((await find({ query: 'warm' })).hits[0]?.entities).toEqual([])
})

test('pages follow each other without gaps or repeats', async () => {
  for (let index = 0; index < 25; index += 1)
    add({ source: `s${index}`, texts: ['same words'], vectors: [[1, 0]] })
  const page = (offset: number) => find({ query: 'words', queryVector: [1, 0], limit: 10, offset })
  const pages = await Promise.all([0, 10, 20].map(page))
  const seen = pages.flatMap(({ hits }) => hits.map((hit) => hit.documentId))
  expect(new Set(seen).size).toBe(25)
  expect(pages.map(({ hasMore }) => hasMore)).toEqual([true, true, false])
  expect(await page(30)).toMatchObject({ hits: [], total: 25, hasMore: false })
})

test('any text is a valid query', async () => {
  addPages()
  const nasty = [
    '"',
    "'",
    '""',
    'a"b',
    '*',
    'pool*',
    '^pool',
    'NEAR(a b)',
    'title:pool',
    '(',
    'AND',
    'NOT pool',
    'a AND',
    '-',
    '{x}',
    'a + b',
    '🙂',
    '\0pool',
    '\ud800',
    '%',
    '_',
    ';DROP TABLE chunks',
    '"pool" OR',
    'x'.repeat(100_000),
  ]
  for (const query of nasty) expect((await find({ query })).hits.length).toBeLessThanOrEqual(2)
  expect(await sources('"NOT (pool*')).toContain('docs/pool.md')
  expect(await sources('\0pool')).toContain('docs/pool.md')
  await fc.assert(
    fc.asyncProperty(
      fc.string({ unit: 'binary', maxLength: 200 }),
      async (query) => void (await find({ query })),
    ),
  )
  expect(await sources('')).toEqual([])
  expect(await sources('🙂')).toEqual([])
})

test('what makes a result worse is said', async () => {
  addPages()
  const other = await find({ query: 'pool', queryVector: [1, 0] })
  expect(other.hits).toHaveLength(2)
  expect(other.warnings).toEqual([
    expect.stringMatching(/has 2 numbers, the stored vectors have 3: .* another model/),
  ])
  expect((await find({ query: 'pool', queryVector: [0, 0, 0] })).warnings).toEqual([
    expect.stringContaining('all zeros'),
  ])
  const long = Array.from({ length: 70 }, (_, index) => `w${index}`).join(' ')
  expect((await find({ query: long })).warnings).toEqual([expect.stringContaining('6 of its words')])
})

test('numbers out of range are refused by name', async () => {
  await expect(find({ query: 'x', limit: 0 })).rejects.toThrow(
    'limit = 0: expected a whole number from 1 to 100',
  )
  await expect(find({ query: 'x', limit: 101 })).rejects.toThrow('limit = 101')
  await expect(find({ query: 'x', offset: -1 })).rejects.toThrow('offset = -1')
  await expect(find({ query: 'x', minSimilarity: Number.NaN })).rejects.toThrow('minSimilarity = NaN')
  await expect(find({ query: 'x', queryVector: [1, Number.NaN] })).rejects.toThrow(
    'queryVector holds NaN at position 1',
  )
  await expect(searchEntities(store, 'x', { limit: 1_000 })).rejects.toThrow('limit = 1000')
})

test('entities are found by a part of their name, over all documents', async () => {
  addPages()
  const [pool, ...rest] = await searchEntities(store, 'POOL')
  expect(rest).toEqual([])
  expect(pool).toMatchObject({ name: 'Connection Pool', type: 'CONCEPT', confidence: 0.9, documentCount: 2 })
  expect(pool?.entityIds).toHaveLength(2)
  expect(pool?.documentIds).toHaveLength(2)
  expect((await searchEntities(store, 'cafe'))[0]?.name).toBe('Café Cat')
  expect(await searchEntities(store, '%')).toEqual([])
  expect(await searchEntities(store, 'pool', { type: 'FUNCTION' })).toEqual([])
  expect((await searchEntities(store, '', { limit: 2 })).map((entity) => entity.name)).toEqual([
    'Connection Pool',
    'Café Cat',
  ])
})

test('the very name comes first, then names that begin so', async () => {
  add({ source: 'a', entities: ['Big Pool', 'Pool', 'Pooling'] })
  add({ source: 'b', entities: ['Big Pool'] })
  expect((await searchEntities(store, 'pool')).map((entity) => entity.name)).toEqual([
    'Pool',
    'Pooling',
    'Big Pool',
  ])
})

test('related documents share entities, rare ones first, or meaning', async () => {
  const id = add({ source: 'me', entities: ['Common', 'Rare'], vectors: [[1, 0]] })
  add({ source: 'common', entities: ['Common'] })
  add({ source: 'common2', entities: ['common'] })
  add({ source: 'rare', entities: ['Rare'] })
  add({ source: 'near', vectors: [[0.9, 0.1]] })
  add({ source: 'stranger', entities: ['Other'], vectors: [[0, 1]] })
  const related = (await relatedDocuments(store, id)) ?? []
  expect(related.map((one) => one.source).toSorted()).toEqual(['common', 'common2', 'near', 'rare'])
  const rare = related.find((one) => one.source === 'rare')
  expect(rare).toMatchObject({ sharedEntities: ['Rare'], similarity: null, score: 1 / 61 })
  expect(related.find((one) => one.source === 'near')?.similarity).toBeCloseTo(0.9939, 3)
  expect(await relatedDocuments(store, id, 1)).toHaveLength(1)
  expect(await relatedDocuments(store, 'doc_nobody')).toBeUndefined()
  expect(await relatedDocuments(store, add({ source: 'alone' }))).toEqual([])
})
