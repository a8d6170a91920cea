/** The tables of the freshness database. Times are ISO 8601 text in UTC; lists and objects are JSON text. */

const level = (column: string): string => `CHECK (${column} IN ('FRESH', 'STALE', 'OUTDATED', 'CRITICAL'))`
const score = (column: string): string => `${column} REAL CHECK (${column} BETWEEN 0 AND 1)`
const json = (column: string, empty: string): string =>
  `${column} TEXT NOT NULL DEFAULT '${empty}' CHECK (json_valid(${column}))`
const now = `DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))`

export const createTables = `
  CREATE TABLE IF NOT EXISTS document_freshness (
    id INTEGER PRIMARY KEY,
    document_id TEXT NOT NULL UNIQUE,
    file_path TEXT NOT NULL,
    file_size INTEGER,
    document_type TEXT NOT NULL DEFAULT 'UNKNOWN',
    language TEXT,
    content_hash TEXT,
    created_at TEXT NOT NULL ${now},
    last_modified TEXT,
    last_analyzed TEXT,
    updated_at TEXT NOT NULL ${now},
    ${score('freshness_score')},
    ${score('time_score')},
    ${score('dependency_score')},
    ${score('content_score')},
    ${score('usage_score')},
    freshness_level TEXT NOT NULL DEFAULT 'FRESH' ${level('freshness_level')},
    ${json('dependencies', '[]')},
    ${json('metadata', '{}')},
    ${json('tags', '[]')},
    version INTEGER NOT NULL DEFAULT 1
  ) STRICT;
  CREATE INDEX IF NOT EXISTS document_freshness_by_path ON document_freshness (file_path);
  CREATE INDEX IF NOT EXISTS document_freshness_by_level ON document_freshness (freshness_level, last_modified);

  CREATE TABLE IF NOT EXISTS freshness_scores_history (
    id INTEGER PRIMARY KEY,
    document_id TEXT NOT NULL,
    ${score('freshness_score')},
    ${score('time_score')},
    ${score('dependency_score')},
    ${score('content_score')},
    ${score('usage_score')},
    freshness_level TEXT NOT NULL ${level('freshness_level')},
    ${json('details', '{}')},
    recorded_at TEXT NOT NULL ${now}
  ) STRICT;
  CREATE INDEX IF NOT EXISTS freshness_scores_by_document ON freshness_scores_history (document_id, recorded_at);

  CREATE TABLE IF NOT EXISTS document_dependencies (
    id INTEGER PRIMARY KEY,
    source_document_id TEXT NOT NULL,
    target_path TEXT NOT NULL,
    dependency_type TEXT NOT NULL,
    is_critical INTEGER NOT NULL DEFAULT 0 CHECK (is_critical IN (0, 1)),
    status TEXT NOT NULL DEFAULT 'unverified',
    last_verified TEXT,
    ${json('metadata', '{}')},
    created_at TEXT NOT NULL ${now},
    UNIQUE (source_document_id, target_path, dependency_type)
  ) STRICT;

  CREATE TABLE IF NOT EXISTS refresh_operations_log (
    id INTEGER PRIMARY KEY,
    operation_id TEXT NOT NULL UNIQUE,
    document_id TEXT,
    operation_type TEXT NOT NULL,
    status TEXT NOT NULL,
    started_at TEXT NOT NULL ${now},
    completed_at TEXT,
    error_message TEXT,
    ${json('details', '{}')}
  ) STRICT;

  CREATE TABLE IF NOT EXISTS freshness_metrics (
    id INTEGER PRIMARY KEY,
    metric_name TEXT NOT NULL,
    metric_value REAL NOT NULL,
    ${json('labels', '{}')},
    recorded_at TEXT NOT NULL ${now}
  ) STRICT;
  CREATE INDEX IF NOT EXISTS freshness_metrics_by_name ON freshness_metrics (metric_name, recorded_at);
`
