/** `npm start` with DATABASE_URL: one command, three processes, one of which is killed. */
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openPostgresStore } from '../src/store/postgres/postgres-store.ts'
import { tempFolder, until } from './app-support.ts'
import { findPostgres, missingPostgres, rowsOf, startPostgres, type TestServer } from './postgres/server.ts'
import { pages, program, type Program } from './program-support.ts'

const bin = findPostgres()
if (bin === undefined) console.warn(missingPostgres)

const DOCUMENTS = 80

let server: TestServer
beforeAll(async () => {
  if (bin !== undefined) server = await startPostgres(bin)
}, 60_000)
afterAll(() => server?.stop())

interface Report {
  readonly finished: boolean
  readonly documents: Record<string, unknown>
  readonly stored: Record<string, number>
  readonly processes: readonly { readonly name: string; readonly indexed: number; readonly deaths: number }[]
  readonly clients: readonly Record<string, number | string | null>[]
}

/** Looks for two minutes: starting three programs takes its time where much else runs. */
async function patiently<Answer>(look: () => Answer | Promise<Answer>, wanted: (answer: Answer) => boolean) {
  const end = Date.now() + 120_000
  let answer = await look()
  while (!wanted(answer) && Date.now() < end) {
    await pause(50)
    answer = await look()
  }
  expect(wanted(answer)).toBe(true)
  return answer
}

function started(url: string, args: readonly string[], more: Record<string, string> = {}): Program {
  return program(args, { DATABASE_URL: url, DATABASE_MAX_CONNECTIONS: '6', ...more }, tempFolder(), 180_000)
}

/** The process of a worker, as it is told when it works. */
function pidOf(said: string, name: string): number {
  return Number(new RegExp(`^ +${name} is process (\\d+)$`, 'm').exec(said)?.[1])
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

describe.skipIf(bin === undefined)('with DATABASE_URL', () => {
  test('three processes share the work, one is killed in the middle, and each document is indexed once', async () => {
    const url = await server.createDatabase()
    const run = started(url, [pages(DOCUMENTS), '--once', '--json'], { INDEX_CONCURRENCY: '2' })
    // The worker is killed while it holds a document.
    const held = `SELECT 1 FROM intelligence.jobs WHERE state = 'running' AND worker = 'worker-1'`
    const done = `SELECT count(*)::int AS done FROM intelligence.jobs WHERE state = 'succeeded'`
    await patiently(run.said, (text) => pidOf(text, 'worker-1') > 0 && pidOf(text, 'worker-2') > 0)
    await patiently(
      () => rowsOf(url, done) as Promise<{ done: number }[]>,
      ([row]) => (row?.done ?? 0) >= 15,
    )
    await patiently(
      () => rowsOf(url, held),
      (rows) => rows.length > 0,
    )
    process.kill(pidOf(run.said(), 'worker-1'), 'SIGKILL')
    const { code, stdout, stderr } = await run.ended

    expect({ code, died: stderr.includes('worker-1 died; what it had begun goes to the others') }).toEqual({
      code: 0,
      died: true,
    })
    const report = JSON.parse(stdout) as Report
    expect(report).toMatchObject({
      finished: true,
      documents: { read: DOCUMENTS, indexed: DOCUMENTS, waiting: 0, lost: [] },
      stored: { documents: DOCUMENTS },
    })
    const shares = report.processes.map(({ indexed }) => indexed)
    expect(shares.reduce((sum, indexed) => sum + indexed, 0)).toBe(DOCUMENTS)
    for (const name of ['api', 'worker-1', 'worker-2']) {
      expect(report.processes.find((one) => one.name === name)?.indexed, name).toBeGreaterThan(0)
    }
    expect(report.processes.find(({ name }) => name === 'worker-1')?.deaths).toBe(1)
    await expectStoredOnce(url)
  }, 300_000)

  test('without --once it serves, and Ctrl-C stops all three; the next run finds nothing to do', async () => {
    const url = await server.createDatabase()
    const folder = pages(12)
    const run = started(url, [folder])
    await patiently(run.said, (text) => text.includes('Serving until Ctrl-C'))
    const pids = ['worker-1', 'worker-2'].map((name) => pidOf(run.said(), name))
    expect(pids.map(isAlive)).toEqual([true, true])
    run.child.kill('SIGINT')
    const { code, stdout, stderr } = await run.ended
    expect(code).toBe(0)
    expect(stderr).toMatch(/worker-1 joined[^]*worker-1 left/)
    expect(stderr).toContain('the data is on the server')
    expect(stdout).toMatch(/processes +api: \d+ \([\d.]+ %\)\n +worker-1: \d+/)
    expect(
      await until(
        () => pids.map(isAlive),
        (alive) => !alive.includes(true),
      ),
    ).toEqual([false, false])
    expect(await rowsOf(url, 'SELECT name FROM intelligence.processes')).toEqual([])

    const again = await started(url, [folder, '--once', '--json'], { WORKER_PROCESSES: '0' }).ended
    expect(again.code).toBe(0)
    expect(JSON.parse(again.stdout)).toMatchObject({
      documents: { indexed: 0, unchanged: 12 },
      processes: [{ name: 'api', indexed: 0, state: 'here' }],
    })
  }, 300_000)

  test('workers end when the process that started them is killed', async () => {
    const url = await server.createDatabase()
    const run = started(url, [pages(2)], { WORKER_PROCESSES: '1' })
    await patiently(run.said, (text) => text.includes('Serving until Ctrl-C'))
    const pid = pidOf(run.said(), 'worker-1')
    expect(isAlive(pid)).toBe(true)
    run.child.kill('SIGKILL')
    await patiently(
      () => isAlive(pid),
      (alive) => !alive,
    )
  }, 300_000)

  test('the clients of all three are counted together', async () => {
    const url = await server.createDatabase()
    const { code, stdout } = await started(url, [pages(30), '--once', '--json']).ended
    expect(code).toBe(0)
    const { clients } = JSON.parse(stdout) as Report
    // What the clients say that they opened is what the stand-ins saw, of whichever process.
    for (const name of ['entity-extractor', 'langextract', 'freshness']) {
      const found = clients.find((client) => client['name'] === name)
      expect(found?.['server_connections'], name).toBe(found?.['connections_opened'])
    }
  }, 300_000)
})

/** Written once by each job. */
async function expectStoredOnce(url: string): Promise<void> {
  const store = await openPostgresStore({ url, maxConnections: 3 })
  try {
    const documents = await store.documents.list({ limit: DOCUMENTS * 2, offset: 0 })
    expect(documents).toHaveLength(DOCUMENTS)
    for (const { id, createdAt, updatedAt } of documents) {
      // A second storing would have moved the one moment and not the other; but for a job that began after the first,
      // which mends what an upstream had no time for.
      const { enqueuedAt = 0 } = (await store.jobs.status(id)) ?? {}
      if (createdAt !== updatedAt) expect(enqueuedAt, id).toBeGreaterThan(createdAt)
    }
    expect(await store.jobs.counts()).toMatchObject({ pending: 0, running: 0, failed: 0, dead: 0 })
  } finally {
    await store.close()
  }
}

test('workers without a database, and numbers that are none, are refused by name', async () => {
  const without = await program(['--once'], { WORKER_PROCESSES: '2' }, tempFolder(), 100_000).ended
  expect(without).toMatchObject({ code: 78, stdout: '' })
  expect(without.stderr).toMatch(/WORKER_PROCESSES = "2"[^]*expected 0[^]*DATABASE_URL=postgres/)
  const worker = await program(['--worker'], {}, tempFolder(), 100_000).ended
  expect(worker.code).toBe(78)
  expect(worker.stderr).toMatch(/DATABASE_URL = \(not set\)/)
}, 240_000)
