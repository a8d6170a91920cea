/** What was sent and what was promised, against what is in the file. */
import { DatabaseSync } from 'node:sqlite'

/** Each version of a document that was sent, in order, and what was promised of it. */
export interface Sent {
  readonly id: string
  readonly content: string | null
  /** The service said yes. What it did not say may have happened or not. */
  promised: boolean
}

/** Counts each storing of a document, whatever the service knows of it. */
export function watchStorings(file: string): void {
  using db = new DatabaseSync(file)
  db.exec(`CREATE TABLE storings (id TEXT, content_hash TEXT);
    CREATE TRIGGER stored_first AFTER INSERT ON documents BEGIN
      INSERT INTO storings VALUES (NEW.id, NEW.content_hash); END;
    CREATE TRIGGER stored_again AFTER UPDATE ON documents BEGIN
      INSERT INTO storings VALUES (NEW.id, NEW.content_hash); END;`)
}

/** What may be there in the end: after the last promise, any of the things that were sent without an answer. */
export function allowed(sent: readonly Sent[]): Map<string, Set<string | null>> {
  const states = new Map<string, Set<string | null>>()
  for (const { id, content, promised } of sent) {
    const before = promised ? [] : (states.get(id) ?? [null])
    states.set(id, new Set([...before, content]))
  }
  return states
}

export interface Faults {
  readonly twice: readonly unknown[]
  readonly torn: readonly unknown[]
  readonly integrity: readonly unknown[]
}

/** What no moment of death may leave behind. */
export function faultsIn(file: string): Faults {
  using db = new DatabaseSync(file)
  const all = (sql: string): unknown[] =>
    db
      .prepare(sql)
      .all()
      .map((row) => ({ ...row }))
  return {
    twice: all('SELECT id, content_hash, count(*) AS times FROM storings GROUP BY 1, 2 HAVING times > 1'),
    // A document and its chunks are written together: each has exactly one, and each chunk its vector.
    torn: all(`SELECT d.id, count(c.id) AS chunks, count(v.chunk_id) AS vectors FROM documents d
      LEFT JOIN chunks c ON c.document_id = d.id LEFT JOIN vectors v ON v.chunk_id = c.id
      GROUP BY d.id HAVING chunks <> 1 OR vectors <> 1`),
    integrity: all('PRAGMA integrity_check').filter((row) => Object.values(row as object)[0] !== 'ok'),
  }
}

export function storedContents(file: string): Map<string, string> {
  using db = new DatabaseSync(file)
  const rows = db
    .prepare('SELECT document_id AS id, body FROM chunk_text t JOIN chunks c ON c.id = t.rowid')
    .all()
  return new Map(rows.map(({ id, body }) => [String(id), String(body)]))
}
