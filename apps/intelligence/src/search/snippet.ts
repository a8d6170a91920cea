import type { Database } from '../store/database.ts'

/** A piece of a chunk, plain text, with the places of the words that were looked for: no HTML, nothing to escape. */
export interface Snippet {
  readonly text: string
  /** Offsets in `text`. */
  readonly marks: readonly { readonly start: number; readonly end: number }[]
}

// Two control characters that no text has a use for.
const OPEN = '\u0002'
const CLOSE = '\u0003'
const WORDS = 40
const PLAIN_LENGTH = 240

/** The part of a chunk where the words of `match` stand closest together; its beginning when there are none. */
export function snippetOf(db: Database, chunkId: number, match: string): Snippet {
  // Not `rowid = ?`: beside MATCH, SQLite 3.53 takes no notice of it and gives the first row that matches.
  const sql = `SELECT snippet(chunk_text, 2, '${OPEN}', '${CLOSE}', '…', ${WORDS}) AS text FROM chunk_text
    WHERE chunk_text MATCH ? AND rowid BETWEEN ? AND ?`
  const found = match === '' ? undefined : db.get<{ text: string }>(sql, match, chunkId, chunkId)
  if (found !== undefined) return readMarks(found.text)
  const row = db.get<{ body: string }>('SELECT body FROM chunk_text WHERE rowid = ?', chunkId)
  return { text: beginningOf(row?.body ?? ''), marks: [] }
}

/** Turns the marks in the text into offsets. Exported for its tests. */
export function readMarks(marked: string): Snippet {
  const marks: { start: number; end: number }[] = []
  let text = ''
  let start: number | undefined
  for (const part of marked.split(/([\u0002\u0003])/)) {
    if (part === OPEN) start = text.length
    else if (part !== CLOSE) text += part
    else if (start !== undefined) {
      if (text.length > start) marks.push({ start, end: text.length })
      start = undefined
    }
  }
  return { text, marks }
}

function beginningOf(body: string): string {
  const text = body.trim()
  if (text.length <= PLAIN_LENGTH) return text
  const space = text.lastIndexOf(' ', PLAIN_LENGTH)
  const end = space > PLAIN_LENGTH / 2 ? space : PLAIN_LENGTH
  return `${text
    .slice(0, end)
    .toWellFormed()
    .replace(/\uFFFD$/, '')}…`
}
