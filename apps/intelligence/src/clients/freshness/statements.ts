/**
 * Every statement that is sent, with its values apart. Only names from the tables below become part of a statement's
 * text; all values are parameters. The SQL is what PostgreSQL and SQLite have in common.
 */
import { freshnessLevels, type FreshnessLevel, type FreshnessScore } from '../freshness-score.ts'

export interface Statement {
  readonly query: string
  readonly params: readonly unknown[]
}

/** What is said of a document. Times are milliseconds since 1970. */
export interface DocumentInput {
  readonly documentId: string
  readonly filePath: string
  /** Bytes. */
  readonly fileSize?: number
  /** Default `UNKNOWN`. */
  readonly documentType?: string
  readonly language?: string
  readonly contentHash?: string
  readonly lastModified?: number
  readonly dependencies?: readonly unknown[]
  readonly metadata?: Readonly<Record<string, unknown>>
  readonly tags?: readonly string[]
}

/**
 * What happens to a document that is there already: `merge` keeps what is not said anew, `replace` forgets it,
 * `skip_existing` changes nothing.
 */
export type UpsertMode = 'merge' | 'replace' | 'skip_existing'

type Field = Exclude<keyof DocumentInput, 'documentId'>

/** The columns, and what `replace` writes where nothing is said. */
const columns: Readonly<Record<Field, { readonly name: string; readonly otherwise: unknown }>> = {
  filePath: { name: 'file_path', otherwise: null },
  fileSize: { name: 'file_size', otherwise: null },
  documentType: { name: 'document_type', otherwise: 'UNKNOWN' },
  language: { name: 'language', otherwise: null },
  contentHash: { name: 'content_hash', otherwise: null },
  lastModified: { name: 'last_modified', otherwise: null },
  dependencies: { name: 'dependencies', otherwise: [] },
  metadata: { name: 'metadata', otherwise: {} },
  tags: { name: 'tags', otherwise: [] },
}

/**
 * Writes a document. Sent twice it does the same as sent once: the version counts contents, not writes, so it moves
 * only when the hash of the content does.
 */
export function upsert(document: DocumentInput, mode: UpsertMode, now: number): Statement {
  const fields = (Object.keys(columns) as Field[]).filter(
    (field) => mode === 'replace' || document[field] !== undefined,
  )
  const values = fields.map((field) => toParameter(field, document[field] ?? columns[field].otherwise))
  const names = ['document_id', ...fields.map((field) => columns[field].name), 'updated_at']
  const places = names.map((_, index) => `$${index + 1}`)
  return {
    query:
      `INSERT INTO document_freshness (${names.join(', ')}) VALUES (${places.join(', ')}) ` +
      `ON CONFLICT (document_id) DO ${mode === 'skip_existing' ? 'NOTHING' : update(names)} RETURNING version`,
    params: [document.documentId, ...values, iso(now)],
  }
}

function update(names: readonly string[]): string {
  const set = names.slice(1).map((name) => `${name} = excluded.${name}`)
  if (names.includes('content_hash')) {
    set.push(
      'version = document_freshness.version + CASE WHEN excluded.content_hash ' +
        'IS DISTINCT FROM document_freshness.content_hash THEN 1 ELSE 0 END',
    )
  }
  return `UPDATE SET ${set.join(', ')}`
}

function toParameter(field: Field, value: unknown): unknown {
  return field === 'lastModified' && typeof value === 'number' ? iso(value) : value
}

const documentColumns =
  'document_id, file_path, file_size, document_type, language, content_hash, created_at, last_modified, ' +
  'last_analyzed, updated_at, freshness_score, time_score, dependency_score, content_score, usage_score, ' +
  'freshness_level, dependencies, metadata, tags, version'

export function documentById(id: string): Statement {
  return { query: `SELECT ${documentColumns} FROM document_freshness WHERE document_id = $1`, params: [id] }
}

/** The one that was written last, where several documents share a path. */
export function documentByPath(path: string): Statement {
  const query = `SELECT ${documentColumns} FROM document_freshness WHERE file_path = $1 ORDER BY updated_at DESC LIMIT 1`
  return { query, params: [path] }
}

/** Not modified since `before` (ms since 1970); documents without a date come first. */
export function documentsOlderThan(before: number, limit: number): Statement {
  const query =
    `SELECT ${documentColumns} FROM document_freshness WHERE last_modified IS NULL OR last_modified < $1 ` +
    `ORDER BY CASE WHEN last_modified IS NULL THEN 0 ELSE 1 END, last_modified, document_id LIMIT $2`
  return { query, params: [iso(before), limit] }
}

/** Of this level or a staler one; the lowest score first. */
export function documentsAtLevel(level: FreshnessLevel, limit: number): Statement {
  const levels = freshnessLevels.slice(freshnessLevels.indexOf(level))
  const places = levels.map((_, index) => `$${index + 1}`)
  const query =
    `SELECT ${documentColumns} FROM document_freshness WHERE freshness_level IN (${places.join(', ')}) ` +
    `ORDER BY freshness_score, document_id LIMIT $${levels.length + 1}`
  return { query, params: [...levels, limit] }
}

/** A score in the history of a known document; a moment that is there already is left as it is. */
export function insertScore(
  id: string,
  score: FreshnessScore,
  details: Readonly<Record<string, unknown>>,
  at: number,
): Statement {
  const query =
    'INSERT INTO freshness_scores_history (document_id, freshness_score, time_score, dependency_score, ' +
    'content_score, usage_score, freshness_level, details, recorded_at) ' +
    'SELECT document_id, $2, $3, $4, $5, $6, $7, $8, $9 FROM document_freshness WHERE document_id = $1 ' +
    'AND NOT EXISTS (SELECT 1 FROM freshness_scores_history WHERE document_id = $1 AND recorded_at = $9)'
  return { query, params: [id, ...scoreValues(score), details, iso(at)] }
}

/** The document's own score, unless a later one is there. */
export function updateScore(id: string, score: FreshnessScore, at: number): Statement {
  const query =
    'UPDATE document_freshness SET freshness_score = $2, time_score = $3, dependency_score = $4, ' +
    'content_score = $5, usage_score = $6, freshness_level = $7, last_analyzed = $8 ' +
    'WHERE document_id = $1 AND (last_analyzed IS NULL OR last_analyzed <= $8)'
  return { query, params: [id, ...scoreValues(score), iso(at)] }
}

function scoreValues(score: FreshnessScore): unknown[] {
  const { freshnessScore, timeScore, dependencyScore, contentScore, usageScore, freshnessLevel } = score
  return [freshnessScore, timeScore, dependencyScore, contentScore, usageScore, freshnessLevel]
}

export function levels(): Statement {
  const query =
    'SELECT freshness_level, count(*) AS documents, count(freshness_score) AS scored, ' +
    'sum(freshness_score) AS score_sum, min(last_modified) AS oldest FROM document_freshness GROUP BY freshness_level'
  return { query, params: [] }
}

/** The newest first. */
export function scoresOf(id: string, limit: number): Statement {
  const query =
    'SELECT document_id, freshness_score, time_score, dependency_score, content_score, usage_score, ' +
    'freshness_level, details, recorded_at FROM freshness_scores_history WHERE document_id = $1 ' +
    'ORDER BY recorded_at DESC LIMIT $2'
  return { query, params: [id, limit] }
}

/** The tables that only grow, and the column that says how old a row is. */
export const agingTables = {
  scores: 'DELETE FROM freshness_scores_history WHERE recorded_at < $1',
  metrics: 'DELETE FROM freshness_metrics WHERE recorded_at < $1',
  operations: 'DELETE FROM refresh_operations_log WHERE started_at < $1',
} as const

export function deleteOlder(table: keyof typeof agingTables, before: number): Statement {
  return { query: agingTables[table], params: [iso(before)] }
}

/** One form for all times, so that text sorts as time does. */
function iso(at: number): string {
  return new Date(at).toISOString()
}
