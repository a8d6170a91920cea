import type { Database } from './database.ts'
import { StoreError } from './errors.ts'
import { sketchOf } from './sketch.ts'

/** The largest vector that sqlite-vec takes. The scan keeps to it, so that a file works on every machine. */
const MAX_DIMENSIONS = 8_192

export interface Neighbour {
  readonly chunkId: number
  /** Cosine: 1 points the same way, 0 has nothing to do with it, -1 is the opposite. */
  readonly similarity: number
}

/** Which chunks may be ranked: SQL that yields their ids, and its values. */
export interface ChunkSelection {
  readonly sql: string
  readonly values: readonly (string | number)[]
}

/** Checks numbers from outside and copies them into a Float32Array; `whose` opens the error's text. */
export function toVector(numbers: Float32Array | readonly number[], whose: string): Float32Array {
  if (numbers.length === 0) throw new StoreError('invalid', `${whose} is empty: expected 1 or more numbers`)
  if (numbers.length > MAX_DIMENSIONS) {
    const text = `${whose} has ${numbers.length} numbers: expected at most ${MAX_DIMENSIONS}`
    throw new StoreError('invalid', text)
  }
  const vector = Float32Array.from(numbers)
  const bad = vector.findIndex((value) => !Number.isFinite(value))
  if (bad === -1) return vector
  const text = `${whose} holds ${numbers[bad]} at position ${bad}: expected finite 32-bit numbers`
  throw new StoreError('invalid', text)
}

export function norm(vector: Float32Array): number {
  return Math.sqrt(dot(vector, vector))
}

/** The bytes of a vector, for a column. */
export function toBlob(vector: Float32Array): Uint8Array {
  return new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength)
}

/** A vector from a column. A blob may start at an odd address, and then it has to be copied. */
export function fromBlob(blob: Uint8Array): Float32Array {
  const aligned = blob.byteOffset % 4 === 0 ? blob : blob.slice()
  return new Float32Array(aligned.buffer, aligned.byteOffset, aligned.byteLength / 4)
}

/**
 * The chunks whose vectors point most nearly where `query` points, best first; equal ones by age. Vectors of
 * another size are of another model and never match. The scan compares all of them; sqlite-vec those 4,096 whose
 * sketches are nearest, so that both give the same ranking up to there, and hardly another one beyond.
 *
 * @param limit at most 4,096.
 */
export function nearestChunks(
  db: Database,
  query: Float32Array,
  limit: number,
  among?: ChunkSelection,
): Neighbour[] {
  if (norm(query) === 0) return []
  const found =
    db.vectors.kind === 'sqlite-vec' ? sketched(db, query, limit, among) : scanned(db, query, among)
  return found.sort((a, b) => b.similarity - a.similarity || a.chunkId - b.chunkId).slice(0, limit)
}

/** Vectors that are compared: those whose sketches are nearest. With no more than these, the ranking is exact. */
const COMPARED = 4_096

function sketched(db: Database, query: Float32Array, limit: number, among?: ChunkSelection): Neighbour[] {
  const only = among === undefined ? '' : `AND chunk_id IN (${among.sql})`
  const sql = `WITH near AS MATERIALIZED (
      SELECT chunk_id FROM vector_sketches WHERE dimensions = ? ${only}
      ORDER BY vec_distance_hamming(vec_bit(sketch), vec_bit(?)) LIMIT ${COMPARED}
    )
    SELECT chunk_id AS chunkId, 1 - vec_distance_cosine(embedding, ?) AS similarity
    FROM near JOIN vectors USING (chunk_id) ORDER BY similarity DESC, chunkId LIMIT ?`
  const values = [query.length, ...(among?.values ?? []), sketchOf(query), toBlob(query), limit]
  return db.all<Neighbour>(sql, ...values)
}

interface VectorRow {
  readonly chunkId: number
  readonly norm: number
  readonly embedding: Uint8Array
}

function scanned(db: Database, query: Float32Array, among?: ChunkSelection): Neighbour[] {
  const only = among === undefined ? '' : `AND chunk_id IN (${among.sql})`
  const sql = `SELECT chunk_id AS chunkId, norm, embedding FROM vectors WHERE dimensions = ? AND norm > 0 ${only}`
  const length = norm(query)
  const found: Neighbour[] = []
  for (const row of db.iterate<VectorRow>(sql, query.length, ...(among?.values ?? []))) {
    found.push({
      chunkId: row.chunkId,
      similarity: dot(fromBlob(row.embedding), query) / (row.norm * length),
    })
  }
  return found
}

/** The mean direction of some vectors; undefined for none. */
export function meanOf(vectors: readonly Float32Array[]): Float32Array | undefined {
  const sum = new Float32Array(vectors[0]?.length ?? 0)
  for (const vector of vectors) {
    const length = norm(vector)
    for (const [index, value] of vector.entries()) sum[index] = (sum[index] ?? 0) + value / length
  }
  return vectors.length === 0 ? undefined : sum
}

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0
  for (let index = 0; index < a.length; index += 1) sum += (a[index] ?? 0) * (b[index] ?? 0)
  return sum
}
