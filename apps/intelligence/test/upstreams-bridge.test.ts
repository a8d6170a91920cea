import { mkdtemp, rm } from 'node:fs/promises'
import { DatabaseSync } from 'node:sqlite'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { startBridge, type BridgeOptions, type Upstream } from '../src/upstreams/index.ts'
import { get, post, running, type Answer } from './upstreams-support.ts'

type Execute = (query: string, params?: unknown[], more?: Record<string, unknown>) => Promise<Answer>

async function bridge(options?: BridgeOptions): Promise<{ upstream: Upstream; execute: Execute }> {
  const upstream = await running(startBridge(options))
  return {
    upstream,
    execute: (query, params, more) => post(upstream, '/database/execute', { query, params, ...more }),
  }
}

const insert = 'INSERT INTO document_freshness (document_id, file_path, freshness_level) VALUES ($1, $2, $3)'

async function withDocuments(count: number): Promise<Execute> {
  const { execute } = await bridge()
  for (let i = 1; i <= count; i++)
    await execute(insert, [`d${i}`, `docs/${i}.md`, 'FRESH'], { fetch_mode: 'execute' })
  return execute
}

const names = 'SELECT document_id FROM document_freshness ORDER BY id'

describe('the database', () => {
  test('has the freshness tables at the start, empty', async () => {
    const { execute } = await bridge()
    for (const table of [
      'document_freshness',
      'freshness_scores_history',
      'document_dependencies',
      'refresh_operations_log',
      'freshness_metrics',
    ]) {
      expect((await execute(`SELECT count(*) AS n FROM ${table}`)).body).toMatchObject({
        success: true,
        data: [{ n: 0 }],
      })
    }
  })

  test.each(['FRESH', 'STALE', 'OUTDATED', 'CRITICAL'])(
    'knows the level %s in capitals only',
    async (level) => {
      const { execute } = await bridge()
      expect((await execute(insert, ['a', 'a.md', level])).status).toBe(200)
      const refused = await execute(insert, ['b', 'b.md', level.toLowerCase()])
      expect(refused).toMatchObject({ status: 400, body: { success: false, error_code: 'INVALID_QUERY' } })
      expect(refused.body['message']).toContain('CHECK constraint failed')
    },
  )

  test('in a file is there again after a restart', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'keepwarm-'))
    onTestFinished(() => rm(folder, { recursive: true }))
    const file = join(folder, 'freshness.db')
    const first = await bridge({ file })
    await first.execute(insert, ['kept', 'kept.md', 'STALE'])
    await first.upstream.close()
    const second = await bridge({ file })
    expect((await second.execute(names)).body['data']).toEqual([{ document_id: 'kept' }])
    await second.upstream.close()
  })
})

describe('POST /database/execute', () => {
  test('fetches all, one or many rows, and counts what it changes', async () => {
    const execute = await withDocuments(3)
    expect((await execute(names)).body).toMatchObject({
      data: [{ document_id: 'd1' }, { document_id: 'd2' }, { document_id: 'd3' }],
      rows_affected: 0,
      message: null,
    })
    expect((await execute(names, [], { fetch_mode: 'one' })).body['data']).toEqual([{ document_id: 'd1' }])
    expect((await execute(names, [], { fetch_mode: 'many', limit: 2 })).body).toMatchObject({
      data: [{}, {}],
      message: 'the first 2 rows; there are more',
    })
    expect((await execute(names, null as never, { limit: 1 })).body['data']).toEqual([{ document_id: 'd1' }])
    const update = await execute(
      "UPDATE document_freshness SET freshness_level = 'STALE' WHERE id > ?",
      [1],
      {
        fetch_mode: 'execute',
      },
    )
    expect(update.body).toMatchObject({ success: true, data: null, rows_affected: 2 })
    expect(update.body['execution_time_ms']).toBeGreaterThan(0)
  })

  test('a change that returns rows is done whole, however few of them are fetched', async () => {
    const execute = await withDocuments(3)
    const removed = await execute('DELETE FROM document_freshness RETURNING document_id', [], {
      fetch_mode: 'one',
    })
    expect(removed.body).toMatchObject({ data: [{ document_id: 'd1' }], rows_affected: 3 })
    expect((await execute(names)).body['data']).toEqual([])
  })

  test('values keep their meaning: booleans, nothing, lists, large numbers, bytes', async () => {
    const { execute } = await bridge()
    const row = await execute(
      "SELECT $1 AS yes, $2 AS none, $3 AS list, $4 + 0 AS large, $5 AS half, typeof($6) AS kind, x'6869' AS bytes",
      [true, null, ['a', { b: 1 }], '9007199254740993', 0.5, 7],
    )
    expect(row.body['data']).toEqual([
      {
        yes: 1,
        none: null,
        list: '["a",{"b":1}]',
        large: '9007199254740993',
        half: 0.5,
        kind: 'integer',
        bytes: 'aGk=',
      },
    ])
  })

  test('runs the statements a freshness store needs: upserts, JSON, dates, windows, common table expressions', async () => {
    const execute = await withDocuments(2)
    const upsert = `INSERT INTO document_freshness (document_id, file_path, tags) VALUES ($1, $2, $3)
      ON CONFLICT (document_id) DO UPDATE SET tags = excluded.tags, version = version + 1 RETURNING version`
    expect((await execute(upsert, ['d1', 'docs/1.md', ['a', 'b']])).body).toMatchObject({
      data: [{ version: 2 }],
      rows_affected: 1,
    })
    const query = `WITH tagged AS (SELECT document_id, value FROM document_freshness, json_each(tags))
      SELECT document_id, value, count(*) OVER () AS n, datetime('now', '-7 days') < datetime('now') AS past FROM tagged`
    expect((await execute(query)).body['data']).toEqual([
      { document_id: 'd1', value: 'a', n: 2, past: 1 },
      { document_id: 'd1', value: 'b', n: 2, past: 1 },
    ])
  })

  test('an attempt at injection stays data', async () => {
    const execute = await withDocuments(1)
    for (const attack of ["d1' OR '1'='1", "'; DROP TABLE document_freshness; --", '$1', '?', 'd1"; --']) {
      expect(
        (await execute('SELECT * FROM document_freshness WHERE document_id = $1', [attack])).body,
      ).toMatchObject({
        success: true,
        data: [],
      })
      await execute(insert, [attack, "x'); DELETE FROM document_freshness; --", 'FRESH'])
      const stored = await execute('SELECT document_id FROM document_freshness WHERE document_id = ?', [
        attack,
      ])
      expect(stored.body['data']).toEqual([{ document_id: attack }])
    }
    expect((await execute('SELECT count(*) AS n FROM document_freshness')).body['data']).toEqual([{ n: 6 }])
  })

  test('more than one statement is refused, and none of them runs', async () => {
    const execute = await withDocuments(1)
    const answer = await execute("DELETE FROM document_freshness; SELECT 'done'")
    expect(answer).toMatchObject({
      status: 400,
      body: {
        success: false,
        data: null,
        rows_affected: 0,
        error_code: 'INVALID_QUERY',
        retry_allowed: false,
        message: 'more than one statement: send one statement per request',
      },
    })
    expect((await execute(names)).body['data']).toHaveLength(1)
  })

  test.each([
    ['SELEC 1', [], 'syntax error'],
    ['SELECT whatever FROM document_freshness', [], 'no such column'],
    ['SELECT $1', [], 'has 1 parameters, but 0 values'],
    ['SELECT 1', ['unused'], 'has 0 parameters, but 1 values'],
    ['SELECT 1 AS a, 2 AS a', [], 'two columns are named "a"'],
    ["INSERT INTO document_freshness (document_id) VALUES ('x')", [], 'NOT NULL constraint failed'],
  ])('%s with %j is an invalid query', async (query, params, reason) => {
    const { execute } = await bridge()
    const answer = await execute(query, params)
    expect(answer).toMatchObject({ status: 400, body: { error_code: 'INVALID_QUERY', retry_allowed: false } })
    expect(answer.body['message']).toContain(reason)
  })

  test.each([
    [{}, 'query'],
    [{ query: '' }, 'query'],
    [{ query: 'SELECT 1', params: 'x' }, 'params'],
    [{ query: 'SELECT 1', fetch_mode: 'some' }, 'fetch_mode'],
    [{ query: 'SELECT 1', limit: 0 }, 'limit'],
    [{ query: 'SELECT 1', limit: 10_001 }, 'limit'],
  ])('%j is an invalid request', async (body, field) => {
    const { upstream } = await bridge()
    const answer = await post(upstream, '/database/execute', body)
    expect(answer).toMatchObject({ status: 400, body: { success: false, error_code: 'INVALID_QUERY' } })
    expect(answer.body['message']).toContain(`${field}: `)
  })

  test('a missing table has its own code', async () => {
    const { execute } = await bridge()
    expect(await execute('SELECT * FROM nowhere')).toMatchObject({
      status: 404,
      body: { error_code: 'TABLE_NOT_FOUND', message: 'no such table: nowhere', retry_allowed: false },
    })
  })

  test.each([
    'DROP TABLE document_freshness',
    'CREATE TABLE mine (a)',
    "ATTACH DATABASE 'other.db' AS other",
    'PRAGMA journal_mode = DELETE',
    'BEGIN',
    'SAVEPOINT a',
    'WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n',
    'SELECT zeroblob(1000000000)',
    "SELECT load_extension('x')",
    "VACUUM INTO 'copy.db'",
    "SELECT * FROM pragma_table_info('document_freshness')",
  ])('%s is not permitted', async (query) => {
    const { execute } = await bridge()
    const answer = await execute(query)
    expect(answer).toMatchObject({
      status: 403,
      body: { error_code: 'PERMISSION_DENIED', retry_allowed: false },
    })
    expect(answer.body['message']).toContain('only SELECT, INSERT, UPDATE and DELETE are run here')
  })

  test('while another process holds the database it waits without blocking, and says TIMEOUT at the end', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'keepwarm-'))
    onTestFinished(() => rm(folder, { recursive: true }))
    const file = join(folder, 'shared.db')
    const { upstream, execute } = await bridge({ file, queryTimeout: 300 })
    const other = new DatabaseSync(file)
    other.exec('BEGIN EXCLUSIVE')
    const blocked = execute(insert, ['a', 'a.md', 'FRESH'])
    expect((await get(upstream, '/nowhere')).status).toBe(404)
    expect(await blocked).toMatchObject({
      status: 504,
      body: {
        error_code: 'TIMEOUT',
        retry_allowed: true,
        message: expect.stringContaining('nothing was done'),
      },
    })
    const waiting = execute(insert, ['a', 'a.md', 'FRESH'])
    other.exec('ROLLBACK')
    expect((await waiting).status).toBe(200)
    other.close()
    await upstream.close()
  })

  test('a query with too many rows to go through is stopped', async () => {
    const { execute } = await bridge({ queryTimeout: 0 })
    const answer = await execute('SELECT 1 AS a UNION ALL SELECT 2')
    expect(answer).toMatchObject({ status: 504, body: { error_code: 'TIMEOUT', retry_allowed: true } })
    expect(answer.body['message']).toContain('stopped after 0 ms and 1 rows')
  })

  test('answers ten thousand rows at most, and says that there are more', async () => {
    const { execute } = await bridge()
    const ten = '(SELECT 0 AS d UNION SELECT 1 UNION SELECT 2 UNION SELECT 3 UNION SELECT 4)'
    const query = `SELECT a.d AS n FROM ${Array.from({ length: 6 }, (_, i) => `${ten} AS ${'abcdef'[i]}`).join(', ')}`
    const { body } = await execute(query)
    expect(Object.keys(body['data']!)).toHaveLength(10_000)
    expect(body['message']).toBe('the first 10000 rows; there are more')
  })
})

test('GET /health asks the database', async () => {
  const { upstream } = await bridge()
  const { status, body } = await get(upstream, '/health')
  expect(status).toBe(200)
  expect(body).toMatchObject({ status: 'healthy', database_connected: true })
  expect(body['uptime_seconds']).toBeGreaterThan(0)
})
