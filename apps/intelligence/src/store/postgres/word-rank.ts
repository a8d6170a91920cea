/**
 * The ranking by words: BM25 over what PostgreSQL keeps of a chunk. Its own ranks know nothing of how rare a word is over
 * all chunks, and find the answers of the judged set far worse for it.
 */

/** Weights of body, heading and title; those of the first place are of no use here. */
const WEIGHTS = `'{0.1, 0.25, 0.5, 1}'`

/** What ts_rank says of a word that is once in a body: 0.25 · 6/π². Its measure grows with each further one, ever less. */
const ONCE = 0.152
/** BM25's own: how soon more of the same word says no more, and how much a long chunk has to be worth it. */
const [K, B] = [1.2, 0.75]

/**
 * The statement that ranks: its first value is the array of words, as phrases. Okapi's measure of rareness: a word in half
 * of all chunks or more only orders those that have nothing else. Numbers are doubles: exact ones cost ten times as much.
 *
 * @param and conditions on `d`, the document, which follow
 */
export function rankingByWords(s: string, and: string, limit: number): string {
  const enough = `${(K * ONCE).toFixed(4)}::float8 * (${1 - B}::float8 + ${B}::float8 * h.size / u.usual)`
  return `WITH terms AS MATERIALIZED (
       SELECT query, place FROM unnest($1::text[]) WITH ORDINALITY AS t (word, place),
         websearch_to_tsquery('${s}.words', word) query
     ),
     hits AS MATERIALIZED (
       SELECT place, c.id, c.document_id, ts_rank(${WEIGHTS}, c.words, query)::float8 AS often,
         length(c.words)::float8 AS size
       FROM terms JOIN ${s}.chunks c ON c.words @@ query
     ),
     spread AS (SELECT place, count(*)::float8 AS chunks FROM hits GROUP BY place),
     rare AS MATERIALIZED (
       SELECT place, greatest(1e-6::float8, ln((n.total - chunks + 0.5::float8) / (chunks + 0.5::float8))) AS idf
       FROM spread, (SELECT count(*)::float8 AS total FROM ${s}.chunks) n
     ),
     found AS (
       SELECT h.document_id, h.id, sum(r.idf * h.often / (h.often + ${enough})) AS score
       FROM hits h JOIN rare r USING (place) JOIN ${s}.documents d ON d.id = h.document_id,
         (SELECT avg(size) AS usual FROM hits) u
       WHERE true ${and} GROUP BY h.document_id, h.id
     ),
     best AS (
       SELECT DISTINCT ON (document_id) document_id AS "documentId", id AS "chunkId", score
       FROM found ORDER BY document_id, score DESC, id
     )
     SELECT * FROM best ORDER BY score DESC, "documentId" COLLATE "C" LIMIT ${limit}`
}
