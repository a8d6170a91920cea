/**
 * The shape of the database file, as a numbered list of steps. A step that has been released is never edited:
 * a change is a new step at the end.
 */
export interface Migration {
  readonly version: number
  readonly name: string
  readonly sql: string
}

const documents = `
  CREATE TABLE documents (
    id TEXT PRIMARY KEY,
    title TEXT NOT NULL,
    source TEXT,
    content_hash TEXT NOT NULL,
    size INTEGER NOT NULL,
    language TEXT,
    type TEXT,
    metadata TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX documents_by_source ON documents (source);
  CREATE INDEX documents_by_update ON documents (updated_at DESC, id);

  CREATE TABLE entities (
    document_id TEXT NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
    entity_id TEXT NOT NULL,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    type TEXT NOT NULL,
    confidence REAL NOT NULL,
    span_start INTEGER,
    span_end INTEGER,
    description TEXT
  ) STRICT;
  CREATE INDEX entities_by_document ON entities (document_id);
  CREATE INDEX entities_by_name ON entities (name_key, type);
  CREATE INDEX entities_by_id ON entities (entity_id);

  CREATE TABLE relationships (
    document_id TEXT NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
    source_entity_id TEXT NOT NULL,
    target_entity_id TEXT NOT NULL,
    type TEXT NOT NULL,
    confidence REAL NOT NULL,
    context TEXT
  ) STRICT;
  CREATE INDEX relationships_by_document ON relationships (document_id);
  CREATE INDEX relationships_by_source ON relationships (source_entity_id);
  CREATE INDEX relationships_by_target ON relationships (target_entity_id);

  CREATE TABLE topics (
    document_id TEXT NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
    kind TEXT NOT NULL CHECK (kind IN ('concept', 'theme', 'domain')),
    name TEXT NOT NULL,
    score REAL NOT NULL,
    detail TEXT
  ) STRICT;
  CREATE INDEX topics_by_document ON topics (document_id);
`

// The words of a chunk live in chunk_text only, under the chunk's id. Vectors are kept twice where sqlite-vec is
// there: the plain blob is the truth, readable on every machine; the vec0 tables (one for each dimension, made by
// vectors.ts) are an index over it. Triggers note what the index has not seen yet, so that a machine without the
// extension can write to the file and the next one with it catches up.
const searching = `
  CREATE TABLE chunks (
    id INTEGER PRIMARY KEY,
    document_id TEXT NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
    ordinal INTEGER NOT NULL,
    start_offset INTEGER NOT NULL,
    end_offset INTEGER NOT NULL,
    heading TEXT,
    UNIQUE (document_id, ordinal)
  ) STRICT;
  CREATE VIRTUAL TABLE chunk_text USING fts5 (title, heading, body, tokenize = 'porter unicode61');
  CREATE TRIGGER chunk_gone AFTER DELETE ON chunks BEGIN
    DELETE FROM chunk_text WHERE rowid = old.id;
  END;

  CREATE TABLE vectors (
    chunk_id INTEGER PRIMARY KEY REFERENCES chunks (id) ON DELETE CASCADE,
    dimensions INTEGER NOT NULL,
    norm REAL NOT NULL,
    embedding BLOB NOT NULL
  ) STRICT;
  CREATE INDEX vectors_by_dimensions ON vectors (dimensions);
  CREATE TABLE vector_backlog (
    chunk_id INTEGER NOT NULL,
    dimensions INTEGER NOT NULL,
    PRIMARY KEY (chunk_id, dimensions)
  ) STRICT, WITHOUT ROWID;
  CREATE TRIGGER vector_new AFTER INSERT ON vectors BEGIN
    INSERT OR IGNORE INTO vector_backlog VALUES (new.chunk_id, new.dimensions);
  END;
  CREATE TRIGGER vector_gone AFTER DELETE ON vectors BEGIN
    INSERT OR IGNORE INTO vector_backlog VALUES (old.chunk_id, old.dimensions);
  END;
`

// One row for each document, whatever happened to it: re-indexing is a new run of the same job. Payloads live in
// their own table, so that claiming and counting never read a document's text.
const jobs = `
  CREATE TABLE jobs (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    document_id TEXT NOT NULL UNIQUE,
    state TEXT NOT NULL CHECK (state IN ('pending', 'running', 'succeeded', 'failed', 'dead')),
    attempts INTEGER NOT NULL DEFAULT 0,
    max_attempts INTEGER NOT NULL,
    run_at INTEGER NOT NULL,
    lease INTEGER NOT NULL DEFAULT 0,
    lease_until INTEGER,
    reason TEXT,
    created_at INTEGER NOT NULL,
    enqueued_at INTEGER NOT NULL,
    started_at INTEGER,
    finished_at INTEGER
  ) STRICT;
  CREATE INDEX jobs_claimable ON jobs (run_at, seq) WHERE state IN ('pending', 'failed');
  CREATE INDEX jobs_leased ON jobs (lease_until) WHERE state = 'running';
  CREATE INDEX jobs_by_state ON jobs (state, seq);

  CREATE TABLE job_payloads (
    seq INTEGER NOT NULL REFERENCES jobs (seq) ON DELETE CASCADE,
    slot TEXT NOT NULL CHECK (slot IN ('current', 'next')),
    max_attempts INTEGER NOT NULL,
    enqueued_at INTEGER NOT NULL,
    payload TEXT NOT NULL,
    PRIMARY KEY (seq, slot)
  ) STRICT;

  CREATE TABLE job_stages (
    seq INTEGER NOT NULL REFERENCES jobs (seq) ON DELETE CASCADE,
    stage TEXT NOT NULL,
    position INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    state TEXT NOT NULL,
    detail TEXT,
    duration_ms REAL,
    PRIMARY KEY (seq, stage)
  ) STRICT, WITHOUT ROWID;
`

// Documents whose pipeline did not do everything, with what it found so far, so that another run does the rest only.
// `draft` is there for a document that is stored and searchable all the same: its job has ended, and with it the
// job's payload.
const unfinished = `
  CREATE TABLE unfinished (
    document_id TEXT PRIMARY KEY,
    content_hash TEXT NOT NULL,
    findings TEXT NOT NULL,
    draft TEXT,
    failed_stages TEXT NOT NULL,
    repairs INTEGER NOT NULL DEFAULT 0,
    repair_at INTEGER,
    updated_at INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX unfinished_repairable ON unfinished (repair_at) WHERE repair_at IS NOT NULL;
`

// In place of the vec0 tables, which kept every vector a second time and took as long for a search as there are vectors:
// a short sketch of each, by which the few that are worth comparing are found. They are written with their vectors, with
// the extension or without it, so that nothing has to be caught up with.
const sketches = `
  CREATE TABLE vector_sketches (
    chunk_id INTEGER PRIMARY KEY REFERENCES vectors (chunk_id) ON DELETE CASCADE,
    dimensions INTEGER NOT NULL,
    sketch BLOB NOT NULL
  ) STRICT;
  INSERT INTO vector_sketches SELECT chunk_id, dimensions, sketch_of(embedding) FROM vectors WHERE norm > 0;
  DROP TRIGGER vector_new;
  DROP TRIGGER vector_gone;
  DROP TABLE vector_backlog;
`

// Entities are counted by name in one index, without a look at their rows.
const finding = `
  DROP INDEX entities_by_name;
  CREATE INDEX entities_by_name ON entities (name_key, type, document_id);
  CREATE INDEX unfinished_listed ON unfinished (updated_at, document_id) WHERE draft IS NOT NULL;
`

export const migrations: readonly Migration[] = [
  { version: 1, name: 'documents, entities, relationships, topics', sql: documents },
  { version: 2, name: 'chunks, full text, vectors', sql: searching },
  { version: 3, name: 'jobs, payloads, stages', sql: jobs },
  { version: 4, name: 'unfinished documents', sql: unfinished },
  { version: 5, name: 'sketches of vectors', sql: sketches },
  { version: 6, name: 'indexes of names and of unfinished documents', sql: finding },
]
