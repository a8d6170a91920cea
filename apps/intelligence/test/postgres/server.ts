/** A PostgreSQL server of the test's own: in a temporary folder, on a socket in it, gone with the test. */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'

export interface TestServer extends AsyncDisposable {
  /** A new, empty database. */
  createDatabase(): Promise<string>
  stop(): Promise<void>
}

const HOW_TO =
  'PostgreSQL is not installed: apt-get install postgresql-15, or set POSTGRES_BIN to the folder with initdb'

/** The folder with `initdb` and `postgres`; undefined when there is none, which is an error where CI=1. */
export function findPostgres(): string | undefined {
  const versions = '/usr/lib/postgresql'
  const folders = [
    process.env['POSTGRES_BIN'],
    ...newestFirst(existsSync(versions) ? readdirSync(versions) : []).map((version) =>
      join(versions, version, 'bin'),
    ),
    ...(process.env['PATH'] ?? '').split(':'),
  ]
  const found = folders.find(
    (folder) => folder !== undefined && folder !== '' && existsSync(join(folder, 'initdb')),
  )
  if (found === undefined && (process.env['CI'] ?? '') !== '') throw new Error(HOW_TO)
  return found
}

function newestFirst(versions: readonly string[]): string[] {
  return versions.toSorted((a, b) => Number(b) - Number(a))
}

export const missingPostgres: string = HOW_TO

/** Ready to be connected to when this resolves. */
export async function startPostgres(bin: string): Promise<TestServer> {
  const folder = mkdtempSync(join(tmpdir(), 'keepwarm-pg-'))
  const user = serverUser()
  if (user !== undefined) chownSync(folder, user.uid, user.gid)
  const data = join(folder, 'data')
  const options = { cwd: folder, stdio: 'ignore' as const, ...user }
  const environment = { ...process.env, LC_ALL: 'C.UTF-8' }
  execFileSync(join(bin, 'initdb'), ['-D', data, '-U', 'tester', '-A', 'trust', '-N', '-E', 'UTF8'], {
    ...options,
    env: environment,
  })
  const settings = [
    'listen_addresses=',
    `unix_socket_directories=${folder}`,
    'fsync=off',
    'max_connections=60',
  ]
  const flags = settings.flatMap((setting) => ['-c', setting])
  const server = spawn(join(bin, 'postgres'), ['-D', data, ...flags], { ...options, env: environment })
  const kill = (): void => void server.kill('SIGKILL')
  process.once('exit', kill)
  const url = (database: string): string =>
    `postgres://tester@/${database}?host=${encodeURIComponent(folder)}`
  await untilReady(url('postgres'), server)
  let count = 0
  const stop = async (): Promise<void> => {
    await stopServer(server)
    process.off('exit', kill)
    rmSync(folder, { recursive: true, force: true })
  }
  return {
    createDatabase: async () => {
      const name = `t${process.pid}_${++count}`
      await ask(url('postgres'), `CREATE DATABASE ${name} TEMPLATE template0`)
      return url(name)
    },
    stop,
    [Symbol.asyncDispose]: stop,
  }
}

/** PostgreSQL does not run as root: then as its own user, else as nobody. */
function serverUser(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined
  for (const name of ['postgres', 'nobody']) {
    try {
      const [uid, gid] = ['-u', '-g'].map((flag) =>
        Number(execFileSync('id', [flag, name], { stdio: 'pipe' })),
      )
      if (uid !== undefined && gid !== undefined) return { uid, gid }
    } catch {
      // The next one.
    }
  }
  throw new Error('PostgreSQL does not run as root, and there is no user postgres or nobody')
}

async function untilReady(url: string, server: ChildProcess): Promise<void> {
  const end = Date.now() + 30_000
  for (;;) {
    if (server.exitCode !== null) throw new Error(`postgres ended with ${server.exitCode}`)
    try {
      return await ask(url, 'SELECT 1')
    } catch (error) {
      if (Date.now() > end) throw error
      await pause(50)
    }
  }
}

/** SIGINT: connections are ended, and the server with them. */
async function stopServer(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return
  const ended = new Promise((resolve) => server.once('exit', resolve))
  server.kill('SIGINT')
  const late = setTimeout(() => server.kill('SIGKILL'), 10_000)
  await ended
  clearTimeout(late)
}

export async function ask(url: string, sql: string): Promise<void> {
  await rowsOf(url, sql)
}

export async function rowsOf(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => {})
  await client.connect()
  try {
    return (await client.query(sql)).rows
  } finally {
    await client.end()
  }
}
