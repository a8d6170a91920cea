import { afterEach, beforeEach, expect, test } from 'vitest'
import { startBridge, type Upstream } from '../upstreams/index.ts'
import { FreshnessDatabase } from './freshness.ts'
import { scoreFreshness } from './freshness-score.ts'
import * as errors from './freshness/errors.ts'
import { startScripted } from './scripted-server.ts'

const DAY = 86_400_000
const now = Date.UTC(2025, 9, 15)

let bridge: Upstream
let database: FreshnessDatabase
beforeEach(async () => {
  bridge = await startBridge()
  database = new FreshnessDatabase({ baseUrl: bridge.url, retry: { base: 1, cap: 5 } })
})
afterEach(async () => {
  await database.close()
  await bridge.close()
})

async function failureOf(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    () => expect.unreachable('the call should fail'),
    (error: unknown) => error,
  )
}

test('a document comes back as it was written, by id and by path', async () => {
  const document = {
    documentId: "o'clock; DROP TABLE document_freshness --",
    filePath: 'docs/größe.md',
    fileSize: 12,
    documentType: 'GUIDE',
    language: 'de',
    contentHash: 'abc',
    lastModified: now,
    dependencies: [{ path: 'a.md' }],
    metadata: { deep: { er: [1, null] } },
    tags: ['x', 'y'],
  }
  expect(await database.upsertDocument(document)).toEqual({ written: true, version: 1 })
  const stored = await database.getDocument(document.documentId)
  expect(stored).toMatchObject({ ...document, version: 1, freshnessScore: null, lastAnalyzed: null })
  expect(Math.abs(stored!.createdAt - Date.now())).toBeLessThan(60_000)
  expect(await database.getDocumentByPath(document.filePath)).toEqual(stored)
  expect(await database.getDocument('other')).toBeNull()
  expect(await database.getDocumentByPath('other')).toBeNull()
})

test('merge keeps what is not said, replace forgets it, skip_existing changes nothing', async () => {
  const whole = { documentId: 'd', filePath: 'a.md', language: 'en', contentHash: '1', tags: ['t'] }
  await database.upsertDocument(whole)
  expect(await database.upsertDocument({ documentId: 'd', filePath: 'b.md', contentHash: '2' })).toEqual({
    written: true,
    version: 2,
  })
  expect(await database.getDocument('d')).toMatchObject({ filePath: 'b.md', language: 'en', tags: ['t'] })
  const skip = { mode: 'skip_existing' } as const
  expect(await database.upsertDocument({ documentId: 'd', filePath: 'c.md' }, skip)).toEqual({
    written: false,
    version: null,
  })
  expect((await database.getDocument('d'))?.filePath).toBe('b.md')
  await database.upsertDocument({ documentId: 'd', filePath: 'e.md' }, { mode: 'replace' })
  expect(await database.getDocument('d')).toMatchObject({
    filePath: 'e.md',
    language: null,
    tags: [],
    documentType: 'UNKNOWN',
    version: 3,
  })
})

test('the same write twice is the same as once', async () => {
  const document = { documentId: 'd', filePath: 'a.md', contentHash: '1' }
  for (let time = 0; time < 3; time++) {
    expect(await database.upsertDocument(document)).toEqual({ written: true, version: 1 })
  }
  const score = scoreFreshness({ lastModified: now }, now)
  for (let time = 0; time < 3; time++) await database.recordScore('d', score, { at: now })
  expect(await database.history('d')).toHaveLength(1)
})

test('scores are kept, the latest is the document’s own', async () => {
  await database.upsertDocument({ documentId: 'd', filePath: 'README.md' })
  const facts = { lastModified: now, documentType: 'README' }
  const later = scoreFreshness(facts, now + 100 * DAY)
  await database.recordScore('d', later, { at: now + 100 * DAY, details: { why: 'old' } })
  await database.recordScore('d', scoreFreshness(facts, now), { at: now })
  const history = await database.history('d')
  expect(history.map(({ recordedAt }) => recordedAt)).toEqual([now + 100 * DAY, now])
  expect(history[0]).toMatchObject({ ...later, details: { why: 'old' } })
  expect(await database.getDocument('d')).toMatchObject({ ...later, lastAnalyzed: now + 100 * DAY })
  expect(await database.history('d', { limit: 1 })).toHaveLength(1)
})

test('a score for an unknown document is an error and leaves no trace', async () => {
  const error = await failureOf(database.recordScore('nobody', scoreFreshness({ lastModified: now }, now)))
  expect(error).toBeInstanceOf(errors.FreshnessUnknownDocumentError)
  expect(await database.history('nobody')).toEqual([])
})

test('stale documents are found by days and by level, and the limit counts', async () => {
  for (const [id, age] of [
    ['new', 1],
    ['old', 40],
    ['older', 400],
  ] as const) {
    const lastModified = now - age * DAY
    await database.upsertDocument({ documentId: id, filePath: `${id}.md`, lastModified })
    await database.recordScore(id, scoreFreshness({ lastModified, documentType: 'README' }, now), { at: now })
  }
  await database.upsertDocument({ documentId: 'undated', filePath: 'undated.md' })
  const idsOf = (found: readonly { documentId: string }[]): string[] =>
    found.map(({ documentId }) => documentId)
  expect(idsOf(await database.getStaleDocuments(7, { now }))).toEqual(['undated', 'older', 'old'])
  expect(idsOf(await database.getStaleDocuments(7, { now, limit: 2 }))).toEqual(['undated', 'older'])
  expect(idsOf(await database.getStaleDocuments(100, { now }))).toEqual(['undated', 'older'])
  expect(idsOf(await database.getStaleDocuments('STALE'))).toEqual(['older', 'old'])
  const stats = await database.getStats()
  expect(stats).toMatchObject({ documents: 4, oldest: now - 400 * DAY })
  expect(stats.byLevel.FRESH).toBe(2)
  expect(Object.values(stats.byLevel).reduce((sum, count) => sum + count, 0)).toBe(4)
  expect(stats.averageScore).toBeGreaterThan(0)
  expect(stats.averageScore).toBeLessThan(1)
})

test('an empty database has figures too', async () => {
  expect(await database.getStats()).toEqual({
    documents: 0,
    byLevel: { FRESH: 0, STALE: 0, OUTDATED: 0, CRITICAL: 0 },
    averageScore: null,
    oldest: null,
  })
})

test('cleanup counts what it deletes and keeps a week at least', async () => {
  await database.upsertDocument({ documentId: 'd', filePath: 'a.md' })
  const score = scoreFreshness({ lastModified: now }, now)
  for (const age of [1, 20, 30]) await database.recordScore('d', score, { at: now - age * DAY })
  expect(await database.cleanup(7, { now })).toEqual({ scores: 2, metrics: 0, operations: 0 })
  expect(await database.history('d')).toHaveLength(1)
  await expect(database.cleanup(6)).rejects.toThrow('days = 6: expected a number of days from 7')
  await expect(database.getStaleDocuments(Number.NaN)).rejects.toThrow('days = NaN')
  await expect(database.history('d', { limit: 0 })).rejects.toThrow('limit = 0')
})

test('what the database refuses is told in the bridge’s words', async () => {
  const error = await failureOf(
    database.upsertDocument({ documentId: 'd', filePath: null as unknown as string }),
  )
  expect(error).toBeInstanceOf(errors.FreshnessQueryError)
  expect(error).toMatchObject({
    errorCode: 'INVALID_QUERY',
    retryAllowed: false,
    status: 400,
    code: 'status',
  })
})

test.each<[string, unknown, unknown]>([
  [
    'success: false',
    { success: false, message: 'no such table: t', error_code: 'TABLE_NOT_FOUND' },
    'status',
  ],
  ['no list of rows', { success: true, data: null }, 'validation'],
  ['rows of another table', { success: true, data: [{ id: 1 }] }, 'validation'],
  ['another answer', { rows: [] }, 'validation'],
])('an answer of 200 can be a failure: %s', async (_what, body, code) => {
  await using server = await startScripted(() => ({ body }))
  await using scripted = new FreshnessDatabase({ baseUrl: server.url })
  const error = await failureOf(scripted.getStaleDocuments())
  expect(error).toBeInstanceOf(errors.FreshnessDatabaseError)
  expect(error).toMatchObject({ code })
})

test('a bridge that does not count is an error where rows are counted', async () => {
  await using server = await startScripted(() => ({ body: { success: true, data: null } }))
  await using scripted = new FreshnessDatabase({ baseUrl: server.url })
  expect(await failureOf(scripted.cleanup(7))).toMatchObject({ code: 'validation' })
})

test('values travel as parameters, and only what may arrive twice is sent twice', async () => {
  await using server = await startScripted(() => ({ status: 503 }))
  await using scripted = new FreshnessDatabase({ baseUrl: server.url, retry: { base: 1, cap: 5 } })
  expect(await failureOf(scripted.getDocument("x' OR 1=1"))).toBeInstanceOf(errors.FreshnessUnavailableError)
  expect(server.asked).toHaveLength(3)
  expect(server.asked[0]).toMatchObject({
    path: '/database/execute',
    body: { params: ["x' OR 1=1"], fetch_mode: 'one', query: expect.not.stringContaining('OR 1=1') },
  })
  await failureOf(scripted.cleanup(7))
  expect(server.asked).toHaveLength(4)
})

test('initialize waits for the bridge', async () => {
  const states = ['unhealthy', 'unhealthy', 'healthy']
  await using server = await startScripted((_asked, count) => ({ body: { status: states[count - 1] } }))
  await using scripted = new FreshnessDatabase({ baseUrl: server.url })
  expect(await scripted.initialize({ timeout: 5_000 })).toMatchObject({ healthy: true })
  expect(server.asked).toHaveLength(3)
  expect(await database.initialize()).toMatchObject({ status: 'healthy' })
})

test('initialize gives up in time, also while a question is under way', async () => {
  await using server = await startScripted(() => ({ after: 10_000 }))
  await using silent = new FreshnessDatabase({ baseUrl: server.url })
  const late = await failureOf(silent.initialize({ timeout: 60 }))
  expect(late).toBeInstanceOf(errors.FreshnessUnavailableError)
  expect((late as Error).message).toContain('within 60 ms (timeout)')
  const signal = AbortSignal.abort(new Error('shutting down'))
  await expect(silent.initialize({ signal })).rejects.toThrow('shutting down')
})
