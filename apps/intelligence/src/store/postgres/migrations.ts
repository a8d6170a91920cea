/**
 * The shape of the tables on PostgreSQL, as a numbered list of steps; `{s}` is the schema. A step that has been
 * released is never edited: a change is a new step at the end. The queue's own tables are pg-boss's affair.
 */
import type { Migration } from '../migrations.ts'

// Names and ids may be longer than a b-tree takes: what is only asked for equality has a hash index.
const documents = `
  CREATE TABLE {s}.documents (
    id text PRIMARY KEY,
    title text NOT NULL,
    source text,
    content_hash text NOT NULL,
    size bigint NOT NULL,
    language text,
    type text,
    metadata text NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL
  );
  CREATE INDEX documents_by_update ON {s}.documents (updated_at DESC, id);

  CREATE TABLE {s}.entities (
    seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    document_id text NOT NULL REFERENCES {s}.documents ON DELETE CASCADE,
    entity_id text NOT NULL,
    name text NOT NULL,
    name_key text NOT NULL,
    type text NOT NULL,
    confidence double precision NOT NULL,
    span_start bigint,
    span_end bigint,
    description text
  );
  CREATE INDEX entities_by_document ON {s}.entities (document_id);
  CREATE INDEX entities_by_name ON {s}.entities USING hash (name_key);
  CREATE INDEX entities_by_id ON {s}.entities USING hash (entity_id);

  CREATE TABLE {s}.relationships (
    seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    document_id text NOT NULL REFERENCES {s}.documents ON DELETE CASCADE,
    source_entity_id text NOT NULL,
    target_entity_id text NOT NULL,
    type text NOT NULL,
    confidence double precision NOT NULL,
    context text
  );
  CREATE INDEX relationships_by_document ON {s}.relationships (document_id);

  CREATE TABLE {s}.topics (
    seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    document_id text NOT NULL REFERENCES {s}.documents ON DELETE CASCADE,
    kind text NOT NULL CHECK (kind IN ('concept', 'theme', 'domain')),
    name text NOT NULL,
    score double precision NOT NULL,
    detail text
  );
  CREATE INDEX topics_by_document ON {s}.topics (document_id);
`

// Stems without stop words: "to be or not to be" is found by its words, as it is in SQLite. A vector is a plain array,
// readable on every server; where there is pgvector, it has an index over it (see vector-engine.ts). Arrays of numbers
// do not get smaller by compressing, so that is not tried.
const searching = `
  CREATE TEXT SEARCH DICTIONARY {s}.stems (TEMPLATE = snowball, Language = english);
  CREATE TEXT SEARCH CONFIGURATION {s}.words (COPY = pg_catalog.simple);
  ALTER TEXT SEARCH CONFIGURATION {s}.words
    ALTER MAPPING FOR asciiword, asciihword, hword_asciipart, word, hword, hword_part WITH {s}.stems;

  CREATE TABLE {s}.chunks (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    document_id text NOT NULL REFERENCES {s}.documents ON DELETE CASCADE,
    ordinal integer NOT NULL,
    start_offset bigint NOT NULL,
    end_offset bigint NOT NULL,
    heading text,
    body text NOT NULL,
    words tsvector NOT NULL,
    UNIQUE (document_id, ordinal)
  );
  CREATE INDEX chunks_by_words ON {s}.chunks USING gin (words);

  CREATE TABLE {s}.vectors (
    chunk_id bigint PRIMARY KEY REFERENCES {s}.chunks ON DELETE CASCADE,
    dimensions integer NOT NULL,
    norm double precision NOT NULL,
    embedding real[] NOT NULL
  );
  ALTER TABLE {s}.vectors ALTER COLUMN embedding SET STORAGE EXTERNAL;
  CREATE INDEX vectors_by_dimensions ON {s}.vectors (dimensions);

  CREATE FUNCTION {s}.now_ms() RETURNS bigint
    LANGUAGE sql VOLATILE PARALLEL SAFE
    AS 'SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint';
`

// What is told of a document's job. Who works on what is pg-boss's affair: boss_id names its job, boss_try the attempt
// by its count, and both change in the same transactions as this row. The lease is the fence: whatever a worker says
// under an older one is ignored.
const jobs = `
  CREATE TABLE {s}.jobs (
    seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    document_id text NOT NULL UNIQUE,
    state text NOT NULL CHECK (state IN ('pending', 'running', 'succeeded', 'failed', 'dead')),
    attempts integer NOT NULL DEFAULT 0,
    max_attempts integer NOT NULL,
    run_at bigint NOT NULL,
    lease integer NOT NULL DEFAULT 0,
    lease_until bigint,
    boss_id uuid,
    boss_try integer NOT NULL DEFAULT 0,
    reason text,
    enqueued_at bigint NOT NULL,
    started_at bigint,
    finished_at bigint
  );
  CREATE INDEX jobs_waiting ON {s}.jobs (run_at) WHERE state IN ('pending', 'failed');
  CREATE INDEX jobs_leased ON {s}.jobs (lease_until) WHERE state = 'running';
  CREATE INDEX jobs_by_state ON {s}.jobs (state, seq);

  CREATE TABLE {s}.job_payloads (
    seq bigint NOT NULL REFERENCES {s}.jobs ON DELETE CASCADE,
    slot text NOT NULL CHECK (slot IN ('current', 'next')),
    max_attempts integer NOT NULL,
    enqueued_at bigint NOT NULL,
    payload text NOT NULL,
    PRIMARY KEY (seq, slot)
  );

  CREATE TABLE {s}.job_stages (
    seq bigint NOT NULL REFERENCES {s}.jobs ON DELETE CASCADE,
    stage text NOT NULL,
    position integer NOT NULL,
    attempt integer NOT NULL,
    state text NOT NULL,
    detail text,
    duration_ms double precision,
    PRIMARY KEY (seq, stage)
  );

  CREATE TABLE {s}.unfinished (
    document_id text PRIMARY KEY,
    content_hash text NOT NULL,
    findings text NOT NULL,
    draft text,
    failed_stages text NOT NULL,
    repairs integer NOT NULL DEFAULT 0,
    repair_at bigint,
    updated_at bigint NOT NULL
  );
  CREATE INDEX unfinished_repairable ON {s}.unfinished (repair_at) WHERE repair_at IS NOT NULL;
`

// The count of events is one row, locked by whoever adds some, so that they can be read in the order of their numbers and
// without holes. A process that says nothing until `seen_until` is taken for dead.
const sharing = `
  CREATE TABLE {s}.event_log (run text NOT NULL, last bigint NOT NULL);
  INSERT INTO {s}.event_log VALUES (left(md5(gen_random_uuid()::text), 8), 0);
  CREATE TABLE {s}.events (number bigint PRIMARY KEY, event text NOT NULL);

  CREATE TABLE {s}.processes (
    name text PRIMARY KEY,
    started_at bigint NOT NULL,
    seen_until bigint NOT NULL
  );
  ALTER TABLE {s}.jobs ADD COLUMN worker text;
  CREATE INDEX jobs_by_end ON {s}.jobs (finished_at) WHERE state = 'succeeded';
`

// Sources have any length: SP-GiST takes them, and finds those that are below a folder.
const finding = `
  CREATE INDEX documents_by_source ON {s}.documents USING spgist (source);
  CREATE INDEX unfinished_listed ON {s}.unfinished (updated_at, document_id) WHERE draft IS NOT NULL;
`

export const migrations: readonly Migration[] = [
  { version: 1, name: 'documents, entities, relationships, topics', sql: documents },
  { version: 2, name: 'chunks, full text, vectors', sql: searching },
  { version: 3, name: 'jobs, payloads, stages, unfinished documents', sql: jobs },
  { version: 4, name: 'events, processes', sql: sharing },
  { version: 5, name: 'indexes by source and of unfinished documents', sql: finding },
]
