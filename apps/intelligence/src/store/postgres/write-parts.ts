/** The parts of a document into their tables, each kind in one statement. */
import { nameKey } from '../identity.ts'
import type { IndexedChunk, IndexedDocument, Topic } from '../records.ts'
import type { VectorEngineFacts } from '../store.ts'
import { norm, toVector } from '../vectors.ts'
import { fold, MOST_FOLDED } from './fold.ts'
import type { Sql } from './sql.ts'
import { indexVectors, toArray } from './vector-engine.ts'

/** @returns how many chunks came with a vector */
export async function writeParts(
  sql: Sql,
  schema: string,
  indexed: IndexedDocument,
  engine: VectorEngineFacts,
): Promise<number> {
  const ids = await writeChunks(sql, schema, indexed)
  const vectors = await writeVectors(sql, schema, indexed, ids, engine)
  await writeEntities(sql, schema, indexed)
  await writeRelationships(sql, schema, indexed)
  const { concepts, themes, domains } = indexed.analysis
  await writeTopics(sql, schema, indexed.id, { concept: concepts, theme: themes, domain: domains })
  return vectors
}

/** A word in the title weighs four times one in the text, one in the chunk's heading twice. */
async function writeChunks(
  sql: Sql,
  s: string,
  { id, title, chunks }: IndexedDocument,
): Promise<Map<number, number>> {
  if (chunks.length === 0) return new Map()
  const part = (weight: string, text: string): string =>
    `setweight(to_tsvector('${s}.words', ${text}), '${weight}')`
  const words = [part('A', '$2'), part('B', "coalesce(plain_heading, '')"), part('C', 'plain')].join(' || ')
  const rows = await sql.query<{ id: number; ordinal: number }>(
    `INSERT INTO ${s}.chunks (document_id, ordinal, start_offset, end_offset, heading, body, words)
     SELECT $1, ordinal, start_offset, end_offset, heading, body, ${words}
     FROM unnest($3::int[], $4::bigint[], $5::bigint[], $6::text[], $7::text[], $8::text[], $9::text[])
       AS c (ordinal, start_offset, end_offset, heading, body, plain_heading, plain)
     RETURNING id, ordinal`,
    [
      id,
      fold(title),
      chunks.map(({ ordinal }) => ordinal),
      chunks.map(({ start }) => start),
      chunks.map(({ end }) => end),
      chunks.map(({ heading }) => heading),
      chunks.map(({ text }) => text),
      chunks.map(({ heading }) => (heading === null ? null : fold(heading))),
      chunks.map(({ text }) => fold(text.slice(0, MOST_FOLDED))),
    ],
  )
  return new Map(rows.map((row) => [row.ordinal, Number(row.id)]))
}

async function writeVectors(
  sql: Sql,
  s: string,
  { id, chunks }: IndexedDocument,
  ids: ReadonlyMap<number, number>,
  engine: VectorEngineFacts,
): Promise<number> {
  const embedded = chunks.filter((chunk): chunk is IndexedChunk & { vector: Float32Array } => {
    return chunk.vector !== null
  })
  const vectors = embedded.map(({ ordinal, vector }) => {
    return toVector(vector, `the vector of chunk ${ordinal} of ${id}`)
  })
  const dimensions = vectors[0]?.length
  if (dimensions === undefined) return 0
  if (engine.kind === 'pgvector') await indexVectors(sql, s, dimensions)
  await sql.query(
    `INSERT INTO ${s}.vectors SELECT id, $2, norm, embedding::real[]
     FROM unnest($1::bigint[], $3::double precision[], $4::text[]) AS v (id, norm, embedding)`,
    [embedded.map(({ ordinal }) => ids.get(ordinal)), dimensions, vectors.map(norm), vectors.map(toArray)],
  )
  return vectors.length
}

async function writeEntities(sql: Sql, s: string, { id, entities }: IndexedDocument): Promise<void> {
  if (entities.length === 0) return
  await sql.query(
    `INSERT INTO ${s}.entities
       (document_id, entity_id, name, name_key, type, confidence, span_start, span_end, description)
     SELECT $1, e.* FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::double precision[], $7::bigint[],
       $8::bigint[], $9::text[]) AS e`,
    [
      id,
      entities.map(({ entityId }) => entityId),
      entities.map(({ name }) => name),
      entities.map(({ name }) => nameKey(name)),
      entities.map(({ type }) => type),
      entities.map(({ confidence }) => confidence),
      entities.map(({ span }) => span?.start ?? null),
      entities.map(({ span }) => span?.end ?? null),
      entities.map(({ description }) => description),
    ],
  )
}

async function writeRelationships(sql: Sql, s: string, indexed: IndexedDocument): Promise<void> {
  const { id, relationships } = indexed
  if (relationships.length === 0) return
  await sql.query(
    `INSERT INTO ${s}.relationships (document_id, source_entity_id, target_entity_id, type, confidence, context)
     SELECT $1, r.* FROM unnest($2::text[], $3::text[], $4::text[], $5::double precision[], $6::text[]) AS r`,
    [
      id,
      relationships.map(({ sourceEntityId }) => sourceEntityId),
      relationships.map(({ targetEntityId }) => targetEntityId),
      relationships.map(({ type }) => type),
      relationships.map(({ confidence }) => confidence),
      relationships.map(({ context }) => context),
    ],
  )
}

async function writeTopics(
  sql: Sql,
  s: string,
  id: string,
  kinds: Readonly<Record<string, readonly Topic[]>>,
): Promise<void> {
  const topics = Object.entries(kinds).flatMap(([kind, list]) => list.map((topic) => ({ kind, ...topic })))
  if (topics.length === 0) return
  await sql.query(
    `INSERT INTO ${s}.topics (document_id, kind, name, score, detail)
     SELECT $1, t.* FROM unnest($2::text[], $3::text[], $4::double precision[], $5::text[]) AS t`,
    [
      id,
      topics.map(({ kind }) => kind),
      topics.map(({ name }) => name),
      topics.map(({ score }) => score),
      topics.map(({ detail }) => (detail === null ? null : JSON.stringify(detail))),
    ],
  )
}
