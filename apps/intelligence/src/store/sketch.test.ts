import { expect, test } from 'vitest'
import { openDatabase } from './database.ts'
import type { Database } from './database.ts'
import { replaceDocument } from './documents.ts'
import { sampleDocument } from './sample-document.ts'
import { sketchOf } from './sketch.ts'
import { nearestChunks, norm, toBlob } from './vectors.ts'

/** From -1 to 1, the same in every run. */
function* numbers(seed: number): Generator<number, never> {
  for (let state = seed >>> 0; ;) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    const mixed = Math.imul(state ^ (state >>> 15), 0x2c1b_3c6d)
    yield ((mixed ^ (mixed >>> 12)) >>> 0) / 2 ** 31 - 1
  }
}

/** @param full which share of its numbers are not 0 */
function vectorOf(chance: Generator<number, never>, dimensions: number, full: number): Float32Array {
  return Float32Array.from({ length: dimensions }, () => {
    const [kept, value] = [chance.next().value, chance.next().value]
    return (kept + 1) / 2 < full ? value : 0
  })
}

function blend(a: Float32Array, b: Float32Array, share: number): Float32Array {
  const [x, y] = [norm(a), norm(b)]
  return a.map((value, at) => (value / x) * share + ((b[at] ?? 0) / y) * (1 - share))
}

function angle(a: Float32Array, b: Float32Array): number {
  const dot = a.reduce((sum, value, at) => sum + value * (b[at] ?? 0), 0)
  return Math.acos(Math.min(1, Math.max(-1, dot / (norm(a) * norm(b)))))
}

function differing(a: Uint8Array, b: Uint8Array): number {
  let count = 0
  for (const [at, byte] of a.entries()) {
    for (let bits = byte ^ (b[at] ?? 0); bits > 0; bits &= bits - 1) count += 1
  }
  return count
}

test.each([
  ['full', 768, 1],
  ['with a few numbers in them', 768, 0.02],
  ['small', 3, 1],
  ['larger than the sketch', 3_072, 1],
])('sketches of vectors that are %s differ as their angles do', (_, dimensions, full) => {
  const chance = numbers(dimensions)
  for (let pair = 0; pair < 60; pair += 1) {
    const [a, other] = [vectorOf(chance, dimensions, full), vectorOf(chance, dimensions, full)]
    a[0] = other[1] = 1
    const b = blend(a, other, pair / 60)
    const told = (differing(sketchOf(a), sketchOf(b)) / 1_024) * Math.PI
    // Five times the spread. In three dimensions the directions are a few, and repeat.
    expect(Math.abs(told - angle(a, b))).toBeLessThan(dimensions === 3 ? 1 : 0.25)
  }
})

test('a sketch is the same on every machine: the file keeps it', () => {
  const vector = Float32Array.from({ length: 8 }, (_, at) => at - 3)
  const hex = Buffer.from(sketchOf(vector)).toString('hex')
  expect(hex.slice(0, 32)).toMatchInlineSnapshot(`"da43c1c3c7ff74c300c15eff0003e7a4"`)
  expect(sketchOf(vector.map((value) => value * 7))).toEqual(sketchOf(vector))
  expect(sketchOf(new Float32Array(8))).toEqual(new Uint8Array(128))
})

test('among more vectors than are compared, the nearest are found all the same', () => {
  const chance = numbers(5)
  const queries = Array.from({ length: 5 }, () => vectorOf(chance, 96, 0.3))
  using fast = openDatabase(':memory:')
  using exact = openDatabase(':memory:', { vectorExtension: false })
  for (const db of [fast, exact]) replaceDocument(db, sampleDocument({ source: 'v', texts: ['x'] }), 1)
  const vectors = Array.from({ length: 12_000 }, (_, at) => {
    const other = vectorOf(chance, 96, 0.3)
    return at % 60 === 0 ? blend(queries[(at / 60) % 5]!, other, 0.55) : other
  })
  for (const db of [fast, exact]) insert(db, vectors)
  const found = (db: Database, query: Float32Array, limit: number): number[] =>
    nearestChunks(db, query, limit).map(({ chunkId }) => chunkId)
  for (const query of queries) {
    const near = found(fast, query, 1_000)
    expect(near).toHaveLength(1_000)
    expect(near.slice(0, 30)).toEqual(found(exact, query, 30))
    const wanted = new Set(found(exact, query, 1_000))
    expect(near.filter((id) => wanted.has(id)).length).toBeGreaterThan(950)
  }
})

/** Straight into the tables: documents with all their parts would take long. */
function insert(db: Database, vectors: readonly Float32Array[]): void {
  const [document] = db.all<{ id: string }>('SELECT id FROM documents')
  db.transaction(() => {
    for (const [at, vector] of vectors.entries()) {
      const id = at + 10
      db.run('INSERT INTO chunks VALUES (?, ?, ?, 0, 0, NULL)', id, document?.id ?? '', id)
      db.run('INSERT INTO vectors VALUES (?, ?, ?, ?)', id, vector.length, norm(vector), toBlob(vector))
      db.run('INSERT INTO vector_sketches VALUES (?, ?, ?)', id, vector.length, sketchOf(vector))
    }
  })
}
