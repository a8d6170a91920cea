/** Which way the stores go to what is asked for, with ten thousand rows: by an index, and not through all of them. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openDatabase, type Database as SqliteDatabase } from '../src/store/database.ts'
import { openPool } from '../src/store/postgres/pool.ts'
import { storeOnPostgres } from '../src/store/postgres/postgres-store.ts'
import type { Database, Sql } from '../src/store/postgres/sql.ts'
import { storeOn } from '../src/store/sqlite-store.ts'
import type { Store } from '../src/store/store.ts'
import { findPostgres, missingPostgres, startPostgres } from './postgres/server.ts'

const ROWS = 10_000

interface Planned extends AsyncDisposable {
  readonly store: Store
  /** The plans of all statements that `work` runs. */
  plansOf(work: () => Promise<unknown>): Promise<string>
}

const fill = (s: string, numbers: string, chunk: string): string => `
  INSERT INTO ${s}documents (id, title, source, content_hash, size, type, metadata, created_at, updated_at)
    SELECT 'd' || n, 'title', 'folder' || (n % 500) || '/page' || n || '.md', 'hash', 1, 'markdown', '{}', n, n FROM ${numbers};
  INSERT INTO ${s}entities (document_id, entity_id, name, name_key, type, confidence)
    SELECT 'd' || n, 'e' || n, 'Name ' || (n % 3000), 'name ' || (n % 3000), 'CONCEPT', 0.5 FROM ${numbers};
  INSERT INTO ${s}unfinished (document_id, content_hash, findings, draft, failed_stages, repair_at, updated_at)
    SELECT 'd' || n, 'hash', '{}', CASE WHEN n % 50 = 0 THEN '{}' END, '["entities"]',
      CASE WHEN n % 50 = 0 THEN 9000000000000 + n END, n FROM ${numbers};
  ${chunk}`

async function onSqlite(): Promise<Planned> {
  const db = openDatabase(':memory:')
  const numbers = `(WITH RECURSIVE t (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t WHERE n < ${ROWS}) SELECT n FROM t)`
  const chunks = `INSERT INTO chunks (document_id, ordinal, start_offset, end_offset)
    SELECT 'd' || n, 0, 0, 1 FROM ${numbers};`
  for (const statement of `${fill('', numbers, chunks)} ANALYZE`.split(';')) db.run(statement)
  return {
    store: storeOn(db),
    plansOf: (work) => plansInSqlite(db, work),
    [Symbol.asyncDispose]: async () => db.close(),
  }
}

/** Explains each statement before it is run. */
async function plansInSqlite(db: SqliteDatabase, work: () => Promise<unknown>): Promise<string> {
  const plans: string[] = []
  const all = db.all.bind(db)
  const get = db.get.bind(db)
  const explain = (sql: string, values: readonly unknown[]): void => {
    const steps = all<{ detail: string }>(`EXPLAIN QUERY PLAN ${sql}`, ...(values as string[]))
    plans.push(...steps.map(({ detail }) => detail))
  }
  db.all = (sql, ...values) => (explain(sql, values), all(sql, ...values))
  db.get = (sql, ...values) => (explain(sql, values), get(sql, ...values))
  try {
    await work()
  } finally {
    Object.assign(db, { all, get })
  }
  return plans.join('\n')
}

async function onPostgres(): Promise<Planned> {
  const server = await startPostgres(findPostgres() ?? '')
  const pool = openPool({ url: await server.createDatabase(), maxConnections: 3 })
  const plans: string[] = []
  let noting = false
  const explained = async (sql: Sql, text: string, values?: readonly unknown[]): Promise<void> => {
    if (!noting || !/^\s*(SELECT|WITH)\b/.test(text)) return
    const rows = await sql.query<{ 'QUERY PLAN': string }>(`EXPLAIN ${text}`, values)
    plans.push(...rows.map((row) => row['QUERY PLAN']))
  }
  const db: Database = {
    ...pool,
    query: async (text, values) => {
      await explained(pool, text, values)
      return pool.query(text, values)
    },
  }
  const store = await storeOnPostgres(db)
  const s = 'intelligence.'
  const numbers = `generate_series(1, ${ROWS}) AS t (n)`
  const chunks = `INSERT INTO ${s}chunks (document_id, ordinal, start_offset, end_offset, body, words)
    SELECT 'd' || n, 0, 0, 1, 'common', 'common:1'::tsvector FROM ${numbers};
    INSERT INTO ${s}vectors SELECT id, 2, 1, '{1,0}' FROM ${s}chunks;`
  await pool.query(fill(s, numbers, chunks))
  // As the server itself does now and then: what was written in one go is not in its indexes before.
  await pool.query('VACUUM ANALYZE')
  return {
    store,
    plansOf: async (work) => {
      plans.length = 0
      noting = true
      await work().finally(() => (noting = false))
      return plans.join('\n')
    },
    [Symbol.asyncDispose]: async () => {
      await store.close()
      await server.stop()
    },
  }
}

const bin = findPostgres()
if (bin === undefined) console.warn(missingPostgres)

describe.each([
  {
    name: 'SQLite',
    make: onSqlite,
    all: /SCAN (d|documents|entities|e|unfinished)\b(?! USING)/,
    skip: false,
  },
  {
    name: 'PostgreSQL',
    make: onPostgres,
    all: /Seq Scan on (documents|entities|unfinished)/,
    skip: bin === undefined,
  },
])('with ten thousand rows on $name', ({ make, all, skip }) => {
  let planned: Planned
  beforeAll(async () => {
    if (!skip) planned = await make()
  }, 120_000)
  afterAll(() => planned?.[Symbol.asyncDispose](), 60_000)

  const asked: readonly (readonly [string, (store: Store) => Promise<unknown>, RegExp])[] = [
    [
      'entities by a part of their name',
      ({ search }) => search.entities('ame 299', { limit: 10 }),
      /entities_by_/,
    ],
    [
      'entities of a type by their name',
      ({ search }) => search.entities('name 17', { type: 'CONCEPT', limit: 5 }),
      /entities_by_/,
    ],
    [
      'words below a folder',
      ({ search }) => search.byWords(['common'], { source: 'folder7' }),
      /documents_by_source/,
    ],
    [
      'vectors below a folder',
      ({ search }) => search.byVector(Float32Array.of(1, 0), -1, { source: 'folder7/' }),
      /documents_by_source/,
    ],
    [
      'words with an entity',
      ({ search }) => search.byWords(['common'], { entity: 'name 12' }),
      /entities_by_name/,
    ],
    [
      'what shares entities',
      ({ search }) => search.sharingEntities('d77'),
      /entities_by_document[^]*entities_by_name/,
    ],
    [
      'unfinished documents',
      ({ unfinished }) => unfinished.list({ limit: 20, offset: 0 }),
      /unfinished_listed/,
    ],
    ['repairs that are due', ({ unfinished }) => unfinished.due(4), /unfinished_repairable/],
    ['the next repair', ({ unfinished }) => unfinished.nextIn(), /unfinished_repairable/],
  ]
  test.skipIf(skip).each(asked)('%s are found by an index', async (_, ask, index) => {
    const plans = await planned.plansOf(() => ask(planned.store))
    expect(plans).toMatch(index)
    expect(plans).not.toMatch(all)
  })
})
