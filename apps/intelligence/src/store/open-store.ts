/** The store that the settings ask for: a server when DATABASE_URL is given, else a file of this process's own. */
import { join } from 'node:path'
import type { DatabaseSettings } from '../config/database-settings.ts'
import { openPostgresStore } from './postgres/postgres-store.ts'
import { openSqliteStore } from './sqlite-store.ts'
import type { Store } from './store.ts'

/**
 * @param folder where the file is; a server needs none
 * @param onError is told of trouble with a server's housekeeping, which goes on
 * @throws StoreError when it cannot be opened
 */
export async function openStore(
  database: DatabaseSettings | undefined,
  folder: string,
  onError: (error: Error) => void,
): Promise<Store> {
  if (database === undefined) return openSqliteStore(join(folder, 'intelligence.db'))
  return openPostgresStore({ ...database, onError })
}
