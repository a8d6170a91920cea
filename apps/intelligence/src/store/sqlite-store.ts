/** The embedded store: one file, or memory, for one process. */
import { IndexFeed } from '../indexing/feed.ts'
import { JobQueue } from '../indexing/queue.ts'
import { UnfinishedDocuments } from '../indexing/unfinished.ts'
import type { Draft } from '../indexing/draft.ts'
import { openDatabase, type Database, type OpenOptions } from './database.ts'
import {
  countDocuments,
  getDocument,
  getDocumentSummary,
  listDocuments,
  removeDocument,
  replaceDocument,
} from './documents.ts'
import { SqliteJobs } from './sqlite-jobs.ts'
import { SqliteSearch } from './sqlite-search.ts'
import { SqliteUnfinished } from './sqlite-unfinished.ts'
import type { DocumentStore, Store } from './store.ts'

export interface SqliteStoreOptions extends OpenOptions {
  /** The store's clock, milliseconds since 1970. Default `Date.now`. */
  readonly now?: () => number
}

/**
 * Opens the embedded store; the file is created when it is missing.
 *
 * @throws StoreError when it cannot be opened, is not a database, or belongs to another or a newer program.
 * @example
 * await using store = openSqliteStore('./intelligence.db')
 * await store.documents.counts()
 */
export function openSqliteStore(path: string, options: SqliteStoreOptions = {}): Store {
  return storeOn(openDatabase(path, options), options.now)
}

/** The same on a file that is open; closing the store closes it. */
export function storeOn(db: Database, now: () => number = Date.now): Store {
  const queue = new JobQueue<Draft>(db)
  const unfinished = new UnfinishedDocuments(db)
  const jobs = new SqliteJobs(db, queue, unfinished, now)
  const close = async (): Promise<void> => db.close()
  return {
    kind: 'sqlite',
    vectors:
      db.vectors.kind === 'scan'
        ? { kind: 'scan', detail: db.vectors.reason }
        : { kind: 'sqlite-vec', detail: db.vectors.version },
    pollInterval: undefined,
    documents: documentsOn(db, queue, unfinished, now),
    search: new SqliteSearch(db),
    jobs,
    unfinished: new SqliteUnfinished(db, unfinished, queue, now),
    feed: new IndexFeed(),
    processes: undefined,
    check: async () => {
      db.get('SELECT count(*) FROM jobs')
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}

function documentsOn(
  db: Database,
  queue: JobQueue<Draft>,
  unfinished: UnfinishedDocuments,
  now: () => number,
): DocumentStore {
  return {
    replace: async (indexed) => replaceDocument(db, indexed, now()),
    remove: async (id) =>
      db.transaction(() => {
        const removed = removeDocument(db, id)
        unfinished.forget(id)
        return queue.discard(id) || removed
      }),
    get: async (id) => getDocument(db, id),
    summary: async (id) => getDocumentSummary(db, id),
    list: async (page) => listDocuments(db, page),
    counts: async () => countDocuments(db),
  }
}
