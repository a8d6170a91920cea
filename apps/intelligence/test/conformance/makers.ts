/** The stores that the laws are run against. Each begins empty for each law; servers are started once. */
import { openSqliteStore } from '../../src/store/sqlite-store.ts'
import { openPool } from '../../src/store/postgres/pool.ts'
import { storeOnPostgres } from '../../src/store/postgres/postgres-store.ts'
import type { Database } from '../../src/store/postgres/sql.ts'
import type { Store } from '../../src/store/store.ts'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openEmbedded } from '../postgres/embedded.ts'
import { findPostgres, startPostgres } from '../postgres/server.ts'

export interface Maker extends AsyncDisposable {
  /** An empty store; the one before is closed or emptied. */
  fresh(): Promise<Store>
  /** Another store on the same data, where several may work on it. */
  readonly second: (() => Promise<Store>) | undefined
  /** Ranks vectors exactly, or by an index that may miss one. */
  readonly exact: boolean
}

export interface Kind {
  readonly name: string
  readonly make: () => Promise<Maker>
  readonly skip?: boolean
}

function sqlite(where: (folder: string) => string, vectorExtension?: false): Kind['make'] {
  return async () => {
    const folder = mkdtempSync(join(tmpdir(), 'keepwarm-laws-'))
    let store: Store | undefined
    let count = 0
    return {
      exact: true,
      second: undefined,
      fresh: async () => {
        await store?.close()
        const path = where(join(folder, `${++count}.db`))
        store = openSqliteStore(path, vectorExtension === undefined ? {} : { vectorExtension })
        return store
      },
      [Symbol.asyncDispose]: async () => {
        await store?.close()
        rmSync(folder, { recursive: true, force: true })
      },
    }
  }
}

async function onServer(): Promise<Maker> {
  const server = await startPostgres(findPostgres() ?? '')
  const url = await server.createDatabase()
  const db = openPool({ url, maxConnections: 6 })
  const store = await storeOnPostgres(db)
  const others: Store[] = []
  return {
    exact: true,
    second: async () => {
      const other = await storeOnPostgres(openPool({ url, maxConnections: 4 }))
      others.push(other)
      return other
    },
    fresh: async () => {
      await empty(db)
      return store
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all([store, ...others].map((one) => one.close()))
      await server.stop()
    },
  }
}

async function inProcess(): Promise<Maker> {
  const db = await openEmbedded()
  const store = await storeOnPostgres(db, { embedded: true })
  return {
    exact: false,
    second: undefined,
    fresh: async () => {
      await empty(db)
      return store
    },
    [Symbol.asyncDispose]: () => store.close(),
  }
}

/** As if it had just been made; much sooner than making it. */
async function empty(db: Database): Promise<void> {
  await db.query(`TRUNCATE intelligence.documents, intelligence.jobs, intelligence.unfinished, intelligence.events,
    intelligence.processes CASCADE`)
  await db.query(`DELETE FROM intelligence_queue.job`)
}

export const kinds: readonly Kind[] = [
  { name: 'SQLite in memory', make: sqlite(() => ':memory:') },
  { name: 'SQLite in a file', make: sqlite((file) => file) },
  { name: 'SQLite without sqlite-vec', make: sqlite((file) => file, false) },
  { name: 'PostgreSQL', make: onServer, skip: findPostgres() === undefined },
  { name: 'PostgreSQL in the process, with pgvector', make: inProcess },
]
