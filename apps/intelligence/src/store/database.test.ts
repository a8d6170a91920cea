import { mkdtempSync, rmSync, writeFileSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openDatabase } from './database.ts'
import { StoreError } from './errors.ts'
import { migrate } from './migrate.ts'
import { migrations } from './migrations.ts'

let folder = ''
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'database-'))))
afterAll(() => rmSync(folder, { recursive: true }))

function refusal(path: string): StoreError {
  try {
    openDatabase(path).close()
  } catch (error) {
    if (error instanceof StoreError) return error
    throw error
  }
  throw new Error(`${path} was opened`)
}

test('a new file is brought to the newest shape, in WAL, with foreign keys, and stays as it is when opened again', () => {
  const path = join(folder, 'new.db')
  const db = openDatabase(path)
  expect(db.get('PRAGMA user_version')).toEqual({ user_version: migrations.at(-1)?.version })
  expect(db.get('PRAGMA journal_mode')).toEqual({ journal_mode: 'wal' })
  expect(db.get('PRAGMA foreign_keys')).toEqual({ foreign_keys: 1 })
  expect(db.get('PRAGMA busy_timeout')).toEqual({ timeout: 5_000 })
  db.run(`INSERT INTO topics SELECT id, 'theme', 'x', 1, NULL FROM documents`)
  expect(() => db.run(`INSERT INTO topics VALUES ('nobody', 'theme', 'x', 1, NULL)`)).toThrow('FOREIGN KEY')
  db.close()
  db.close()
  using again = openDatabase(path)
  expect(migrate(again.connection, path)).toEqual([])
})

test('a database in memory works without a file', () => {
  using db = openDatabase(':memory:')
  expect(db.get('SELECT count(*) AS n FROM documents')).toEqual({ n: 0 })
})

test('a missing folder, a folder, a file as folder and an empty path are named', () => {
  expect(refusal(join(folder, 'no', 'x.db')).message).toContain(
    `the folder ${join(folder, 'no')} does not exist`,
  )
  expect(refusal(folder).message).toContain('that is a folder, not a file')
  writeFileSync(join(folder, 'plain'), 'x')
  expect(refusal(join(folder, 'plain', 'x.db')).message).toContain(`${join(folder, 'plain')} is not a folder`)
  expect(refusal('  ').message).toContain('its path is empty')
  expect(refusal(folder).code).toBe('cannot_open')
})

test('a file that is no database is refused and not changed', () => {
  const path = join(folder, 'notes.txt')
  const text = 'these are my notes. '.repeat(500)
  writeFileSync(path, text)
  expect(refusal(path)).toMatchObject({ code: 'not_a_database', message: expect.stringContaining(path) })
  expect(readFileSync(path, 'utf8')).toBe(text)
})

test('the database of another program is refused and not changed', () => {
  const path = join(folder, 'other.db')
  const other = new DatabaseSync(path)
  other.exec('CREATE TABLE songs (name TEXT)')
  expect(refusal(path).code).toBe('foreign_database')
  expect(other.prepare('SELECT name FROM sqlite_schema').all()).toHaveLength(1)
  expect(other.prepare('PRAGMA journal_mode').get()).toEqual({ journal_mode: 'delete' })
  other.close()
})

test('a file from a newer program is refused', () => {
  const path = join(folder, 'newer.db')
  const db = openDatabase(path)
  db.connection.exec('PRAGMA user_version = 99')
  db.close()
  expect(refusal(path)).toMatchObject({
    code: 'newer_database',
    message: expect.stringContaining('shape 99'),
  })
})

test('migrations apply in order, only once, and one that fails half way leaves nothing behind', () => {
  using connection = new DatabaseSync(':memory:')
  const first = { version: 1, name: 'first', sql: 'CREATE TABLE a (x)' }
  const broken = { version: 2, name: 'second', sql: 'CREATE TABLE b (x); CREATE TABLE a (x)' }
  const fixed = { version: 2, name: 'second', sql: 'CREATE TABLE b (x)' }
  expect(() => migrate(connection, 'x.db', [first, broken])).toThrow(
    /x\.db .* shape 2 \(second\).*already exists/,
  )
  expect(connection.prepare('PRAGMA user_version').get()).toEqual({ user_version: 1 })
  expect(connection.prepare('SELECT name FROM sqlite_schema').all()).toEqual([{ name: 'a' }])
  expect(migrate(connection, 'x.db', [first, fixed])).toEqual([2])
  expect(migrate(connection, 'x.db', [first, fixed])).toEqual([])
})

test('the released migrations are numbered without gaps', () => {
  expect(migrations.map((step) => step.version)).toEqual(migrations.map((_, index) => index + 1))
})

test('a transaction is all or nothing, an inner one undoes its own part, a promise is refused', () => {
  using db = openDatabase(':memory:')
  db.connection.exec('CREATE TABLE t (x INTEGER)')
  const add = (x: number) => db.run('INSERT INTO t VALUES (?)', x)
  const fail = () => {
    add(3)
    throw new Error('no')
  }
  db.transaction(() => {
    add(1)
    expect(() => db.transaction(fail)).toThrow('no')
    db.transaction(() => add(2))
  })
  expect(() => db.durably(fail)).toThrow('no')
  expect(() => db.transaction(async () => add(4))).toThrow('cannot wait')
  expect(db.all('SELECT x FROM t')).toEqual([{ x: 1 }, { x: 2 }])
  expect(db.connection.isTransaction).toBe(false)
})

test('a durable transaction syncs to the disk, and the next plain one does not', () => {
  using db = openDatabase(join(folder, 'durable.db'))
  const level = () => Object.values(db.get('PRAGMA synchronous') ?? {})[0]
  expect(db.durably(level)).toBe(2)
  expect(db.transaction(level)).toBe(1)
  expect(db.transaction(() => db.durably(level))).toBe(1)
})

test('without sqlite-vec it opens all the same, and says why', () => {
  using loaded = openDatabase(':memory:')
  expect(loaded.vectors).toEqual({ kind: 'sqlite-vec', version: expect.stringMatching(/^v\d/) })
  using missing = openDatabase(':memory:', { vectorExtension: join(folder, 'vec0') })
  expect(missing.vectors).toEqual({ kind: 'scan', reason: expect.stringContaining('cannot be loaded') })
  using off = openDatabase(':memory:', { vectorExtension: false })
  expect(off.vectors).toEqual({ kind: 'scan', reason: expect.stringContaining('switched off') })
})

test('SQL cannot load extensions', () => {
  using db = openDatabase(':memory:')
  expect(() => db.connection.loadExtension('anything')).toThrow('not allowed')
  expect(() => db.get(`SELECT load_extension('anything')`)).toThrow('not authorized')
})
