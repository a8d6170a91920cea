/** The part of a chunk where the words stand, by PostgreSQL's own highlighting. */
import type { Snippet } from '../search-records.ts'
import { beginningOf, CLOSE, OPEN, readMarks, SNIPPET_WORDS } from '../snippet.ts'
import { fold, MOST_FOLDED } from './fold.ts'
import type { Sql } from './sql.ts'

export interface Body {
  readonly id: number
  readonly body: string
}

const HOW = `MaxWords=${SNIPPET_WORDS}, MinWords=${SNIPPET_WORDS - 5}, StartSel=${OPEN}, StopSel=${CLOSE}`

/** One for each chunk. The words are looked for in the folded text, which has every place where the text has it. */
export async function snippets(
  sql: Sql,
  schema: string,
  chunks: readonly Body[],
  query: string,
): Promise<Snippet[]> {
  const plain = chunks.map(({ body }) => fold(body.slice(0, MOST_FOLDED)))
  const rows =
    query === '' || plain.length === 0
      ? []
      : await sql.query<{ marked: string }>(
          `SELECT ts_headline('${schema}.words', plain, query, $3) AS marked
           FROM websearch_to_tsquery('${schema}.words', $1) query, unnest($2::text[]) WITH ORDINALITY AS t (plain, place)
           ORDER BY place`,
          [query, plain, HOW],
        )
  return chunks.map(({ body }, index) => place(body, plain[index] ?? '', rows[index]?.marked ?? ''))
}

/** Puts the marks of the folded excerpt on the text itself. Exported for its tests. */
export function place(body: string, plain: string, marked: string): Snippet {
  const { text, marks } = readMarks(marked)
  const at = marks.length === 0 ? -1 : plain.indexOf(text)
  if (at === -1) return { text: beginningOf(body), marks: [] }
  const excerpt = body.slice(at, at + text.length)
  const cutBefore = excerpt.length - excerpt.trimStart().length
  const [first, last] = [at > 0 ? '…' : '', at + text.length < body.length ? '…' : '']
  const shift = first.length - cutBefore
  return {
    text: `${first}${excerpt.trim()}${last}`,
    marks: marks.map(({ start, end }) => ({ start: start + shift, end: end + shift })),
  }
}
