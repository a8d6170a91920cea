/** What only a server can do to a store: be away, be old, be new, be shared. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { migrate } from '../src/store/postgres/migrate.ts'
import { openPool } from '../src/store/postgres/pool.ts'
import { openPostgresStore } from '../src/store/postgres/postgres-store.ts'
import type { Store } from '../src/store/store.ts'
import { ask as askService, freePort, post, service, settled, texts } from './app-support.ts'
import { add, draft, sources } from './conformance/samples.ts'
import {
  ask,
  findPostgres,
  missingPostgres,
  rowsOf,
  startPostgres,
  type TestServer,
} from './postgres/server.ts'

const bin = findPostgres()
if (bin === undefined) console.warn(missingPostgres)

let server: TestServer
beforeAll(async () => {
  if (bin !== undefined) server = await startPostgres(bin)
}, 60_000)
afterAll(() => server?.stop())

describe.skipIf(bin === undefined)('a store on a server', () => {
  async function open(url: string, more = {}): Promise<Store> {
    const store = await openPostgresStore({ url, maxConnections: 3, ...more })
    onTestFinished(() => store.close())
    return store
  }

  test('connections that the server ends are replaced, and what was under way fails by name', async () => {
    const url = await server.createDatabase()
    const store = await open(url)
    await store.jobs.enqueue([draft('a')])
    const kill = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE datname = current_database() AND pid <> pg_backend_pid()`
    await ask(url, kill)
    await pause(50)
    const tries = Array.from({ length: 10 }, () => store.jobs.counts().catch((error: unknown) => error))
    for (const one of await Promise.all(tries)) {
      if (one instanceof Error) expect(one).toMatchObject({ name: 'StoreError', code: 'unavailable' })
    }
    expect(await store.jobs.counts()).toMatchObject({ pending: 1 })
  })

  test('a connection that is lost in the middle of a transaction ends that transaction, and nothing else', async () => {
    const url = await server.createDatabase()
    const db = openPool({ url, maxConnections: 2 })
    onTestFinished(() => db.close())
    const lost = db.transaction(async (sql) => {
      const [row] = await sql.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')
      await ask(url, `SELECT pg_terminate_backend(${row?.pid})`)
      // Between two statements nobody waits for the connection.
      await pause(100)
      return sql.query('SELECT 1')
    })
    await expect(lost).rejects.toMatchObject({ code: 'unavailable' })
    expect(await db.query('SELECT 1 AS one')).toEqual([{ one: 1 }])
  })

  test('a server that is not there is named without its password', async () => {
    const url = `postgres://me:secret@127.0.0.1:${await freePort()}/none`
    const opening = openPostgresStore({ url, connectTimeout: 500 })
    await expect(opening).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('ECONNREFUSED'),
    })
    await expect(openPostgresStore({ url })).rejects.not.toThrow(/secret/)
  })

  test('never more connections than were allowed, however much is asked at once', async () => {
    const url = await server.createDatabase()
    const store = await open(url)
    const count = `SELECT count(*)::int AS open FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`
    const asked = Promise.all(Array.from({ length: 200 }, () => store.documents.counts()))
    const seen: unknown[] = []
    for (let look = 0; look < 5; look++) seen.push(...(await rowsOf(url, count)))
    await asked
    for (const row of seen) expect((row as { open: number }).open).toBeLessThanOrEqual(3)
  })

  test('a shape that this program does not know is refused, and a step that fails leaves nothing behind', async () => {
    const url = await server.createDatabase()
    const db = openPool({ url, maxConnections: 2 })
    onTestFinished(() => db.close())
    const steps = [
      { version: 1, name: 'good', sql: 'CREATE TABLE {s}.one (id int)' },
      { version: 2, name: 'bad', sql: 'CREATE TABLE {s}.two (id int); SELECT nothing FROM nowhere' },
    ]
    await expect(migrate(db, 'tried', steps)).rejects.toMatchObject({ code: 'migration_failed' })
    expect(await db.query(`SELECT 1 FROM information_schema.tables WHERE table_schema = 'tried'`)).toEqual([])
    expect(await migrate(db, 'tried', steps.slice(0, 1))).toEqual([1])
    expect(await migrate(db, 'tried', steps.slice(0, 1))).toEqual([])
    await expect(migrate(db, 'tried', [])).rejects.toMatchObject({ code: 'newer_database' })
  })

  test('two stores on one server, in schemas of their own, know nothing of each other', async () => {
    const url = await server.createDatabase()
    const [one, two] = [await open(url), await open(url, { schema: 'second' })]
    await add(one, { source: 'mine', texts: ['words'] })
    await one.jobs.enqueue([draft('a')])
    expect(await sources(one, ['words'])).toEqual(['mine'])
    expect(await sources(two, ['words'])).toEqual([])
    expect(await two.jobs.claim(1, 1_000)).toEqual([])
    await expect(openPostgresStore({ url, schema: 'a; DROP TABLE x' })).rejects.toThrow('DATABASE_SCHEMA')
  })

  test('a text with a NUL is refused by name, and nothing of it is kept', async () => {
    const store = await open(await server.createDatabase())
    await expect(add(store, { source: 'nul', texts: ['a\0b'] })).rejects.toMatchObject({ code: 'invalid' })
    expect(await store.documents.counts()).toMatchObject({ documents: 0, chunks: 0 })
  })

  test('a process that is killed in the middle of a transaction leaves nothing of it', async () => {
    const url = await server.createDatabase()
    const store = await open(url)
    const at = JSON.stringify(new URL('../src/store/postgres/pool.ts', import.meta.url).href)
    const program = `
      import { openPool } from ${at}
      const db = openPool({ url: ${JSON.stringify(url)} })
      await db.transaction(async (sql) => {
        await sql.query("INSERT INTO intelligence.jobs (document_id, state, max_attempts, run_at, enqueued_at) VALUES ('x', 'pending', 1, 0, 0)")
        console.log('inside')
        await new Promise((resolve) => setTimeout(resolve, 60000))
      })`
    const args = ['--conditions=keepwarm-source', '--input-type=module', '-e', program]
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'], timeout: 20_000 })
    await once(child.stdout, 'data')
    child.kill('SIGKILL')
    await once(child, 'exit')
    expect(await store.jobs.enqueue([draft('x')])).toEqual(['created'])
  })

  test('two services share a server: what one accepts, either indexes, and both find it', async () => {
    const url = await server.createDatabase()
    const [one, two] = [await service({ DATABASE_URL: url }), await service({ DATABASE_URL: url })]
    const ids = await Promise.all(texts(6).map((text) => post(one, text)))
    for (const id of ids) expect(await settled(two, id)).toMatchObject({ state: 'succeeded' })
    const { body } = await askService(two, 'GET', '/search?q=word3')
    expect(body).toMatchObject({ hits: [{ source: 'docs/page-3.md' }] })
    expect((await askService(one, 'GET', '/health')).body).toMatchObject({ status: 'healthy' })
  }, 60_000)
})
