import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openDatabase } from './database.ts'
import type { Database } from './database.ts'
import { removeDocument, replaceDocument } from './documents.ts'
import { migrate } from './migrate.ts'
import { migrations } from './migrations.ts'
import { sampleDocument } from './sample-document.ts'
import { loadVectorEngine } from './vector-engine.ts'
import { fromBlob, nearestChunks, toBlob, toVector } from './vectors.ts'

let folder = ''
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'vectors-'))))
afterAll(() => rmSync(folder, { recursive: true }))

/** One document for each vector, so that chunk ids follow the list from 1. */
function fill(db: Database, vectors: readonly (readonly number[])[], prefix = 'v'): void {
  for (const [index, vector] of vectors.entries()) {
    replaceDocument(db, sampleDocument({ source: `${prefix}${index}`, vectors: [vector] }), 1)
  }
}

const near = (db: Database, query: readonly number[], limit = 100) =>
  nearestChunks(db, toVector(query, 'query'), limit)

test('the nearest come first, whatever their length, and zero vectors never', () => {
  for (const vectorExtension of [undefined, false] as const) {
    using db = openDatabase(':memory:', vectorExtension === undefined ? {} : { vectorExtension })
    fill(db, [
      [0, 1],
      [5, 5],
      [9, 0],
      [0, 0],
      [-1, 0],
    ])
    const found = near(db, [2, 0])
    expect(found.map((one) => one.chunkId)).toEqual([3, 2, 1, 5])
    expect(found[0]?.similarity).toBeCloseTo(1, 6)
    expect(found[1]?.similarity).toBeCloseTo(Math.SQRT1_2, 6)
    expect(found[3]?.similarity).toBeCloseTo(-1, 6)
    expect(near(db, [2, 0], 2)).toHaveLength(2)
    expect(near(db, [0, 0])).toEqual([])
    expect(near(db, [1, 0, 0])).toEqual([])
  }
})

test('the scan ranks as sqlite-vec does', () => {
  const number = fc.integer({ min: -100, max: 100 })
  const vector = fc.array(number, { minLength: 8, maxLength: 8 })
  const property = fc.property(fc.array(vector, { maxLength: 30 }), vector, (vectors, query) => {
    using fast = openDatabase(':memory:')
    using scan = openDatabase(':memory:', { vectorExtension: false })
    expect([fast.vectors.kind, scan.vectors.kind]).toEqual(['sqlite-vec', 'scan'])
    fill(fast, vectors)
    fill(scan, vectors)
    const [one, two] = [near(fast, query), near(scan, query)]
    const known = new Map(two.map(({ chunkId, similarity }) => [chunkId, similarity]))
    expect(one).toHaveLength(two.length)
    for (const [index, { chunkId, similarity }] of one.entries()) {
      // Vectors that point the same way may swap places: their similarities differ in the last bits only.
      expect(similarity).toBeCloseTo(known.get(chunkId) ?? Number.NaN, 5)
      expect(similarity).toBeCloseTo(two[index]?.similarity ?? Number.NaN, 5)
    }
  })
  fc.assert(property, { numRuns: 40 })
})

test('a chosen few can be ranked alone', () => {
  for (const options of [{}, { vectorExtension: false as const }]) {
    using db = openDatabase(':memory:', options)
    fill(db, [
      [1, 0],
      [1, 1],
      [0, 1],
    ])
    const among = { sql: 'SELECT id FROM chunks WHERE id >= ?', values: [2] }
    const found = nearestChunks(db, toVector([1, 0], 'query'), 10, among)
    expect(found.map((one) => one.chunkId)).toEqual([2, 3])
  }
})

test('a file goes from machines with the extension to those without it, and back', () => {
  const path = join(folder, 'moved.db')
  const vectors = [
    [1, 0],
    [1, 1],
    [0, 1],
  ]
  const first = openDatabase(path)
  fill(first, vectors)
  first.close()
  const without = openDatabase(path, { vectorExtension: false })
  removeDocument(without, sampleDocument({ source: 'v0' }).id)
  fill(without, [[3, 1]], 'new')
  fill(without, [[1, 2, 3]], 'other')
  const expected = near(without, [1, 0]).map((one) => one.chunkId)
  expect(expected).toHaveLength(3)
  without.close()
  using again = openDatabase(path)
  expect(near(again, [1, 0]).map((one) => one.chunkId)).toEqual(expected)
  expect(near(again, [1, 2, 3])).toHaveLength(1)
})

test('a file of an older shape gets its sketches, and loses the second copy of its vectors', () => {
  const path = join(folder, 'older.db')
  const old = new DatabaseSync(path, { allowExtension: true })
  loadVectorEngine(old)
  migrate(old, path, migrations.slice(0, 4))
  old.exec(`INSERT INTO documents VALUES ('d', 't', NULL, 'h', 1, NULL, NULL, '{}', 1, 1);
    INSERT INTO chunks VALUES (1, 'd', 0, 0, 1, NULL), (2, 'd', 1, 0, 1, NULL);
    CREATE VIRTUAL TABLE vector_index_2 USING vec0 (embedding float[2] distance_metric=cosine, chunk_size=256)`)
  const insert = old.prepare('INSERT INTO vectors VALUES (?, 2, ?, ?)')
  insert.run(1, 1, toBlob(Float32Array.of(1, 0)))
  insert.run(2, 0, toBlob(Float32Array.of(0, 0)))
  old.close()
  openDatabase(path, { vectorExtension: false }).close()
  using db = openDatabase(path)
  expect(near(db, [1, 1]).map(({ chunkId }) => chunkId)).toEqual([1])
  const tables = db.all<{ name: string }>(`SELECT name FROM sqlite_schema WHERE name GLOB 'vector_*'`)
  expect(tables.map(({ name }) => name)).toEqual(['vector_sketches'])
})

test('a search sees what another process without the extension wrote meanwhile', () => {
  const path = join(folder, 'shared.db')
  using fast = openDatabase(path)
  using slow = openDatabase(path, { vectorExtension: false })
  fill(slow, [[1, 0]])
  expect(near(fast, [1, 0])).toHaveLength(1)
})

test('bytes and back, from any address', () => {
  const vector = toVector([1.5, -2, 3e-9], 'x')
  const blob = toBlob(vector)
  const shifted = new Uint8Array(blob.length + 1)
  shifted.set(blob, 1)
  expect(fromBlob(blob)).toEqual(vector)
  expect(fromBlob(shifted.subarray(1))).toEqual(vector)
})
