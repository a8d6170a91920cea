/** PostgreSQL inside this process, with pgvector: what Debian's server lacks is tested on it. */
import { PGlite, type Transaction } from '@electric-sql/pglite'
import { vector } from '@electric-sql/pglite-pgvector'
import { explained, repeated, type Database } from '../../src/store/postgres/sql.ts'

/** @param withVectors false: as a server without the extension */
export async function openEmbedded(withVectors = true): Promise<Database> {
  const lite = await PGlite.create(withVectors ? { extensions: { vector } } : {})
  let closed: Promise<void> | undefined
  return {
    query: (text, values) => rows(lite, text, values),
    transaction: (work) =>
      repeated(() =>
        lite.transaction((within) => work({ query: (text, values) => rows(within, text, values) })),
      ).catch((error: unknown) => {
        throw explained(error)
      }),
    listen: (channel, told) => lite.listen(channel, told),
    close: () => (closed ??= lite.close()),
  }
}

const rows: <Row>(
  on: PGlite | Transaction,
  text: string,
  values?: readonly unknown[],
) => Promise<Row[]> = async (on, text, values = []) => {
  // Several statements at once have no values, and one with values is only one.
  if (values.length > 0) return (await on.query(text, [...values])).rows as never
  const results = await on.exec(text)
  return results.flatMap((result) => result.rows) as never
}
