/** What a PostgreSQL server spends and holds for the service. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { openPostgresStore } from '../../apps/intelligence/src/store/postgres/postgres-store.ts'
import { toDraft } from '../../apps/intelligence/src/indexing/draft.ts'
import { rowsOf } from '../../apps/intelligence/test/postgres/server.ts'

export interface TableSize {
  readonly table: string
  /** With its indexes and what is stored out of line. */
  readonly bytes: number
}

/** The largest first. */
export async function tableSizes(url: string): Promise<TableSize[]> {
  const rows = await rowsOf(
    url,
    `SELECT relname AS table, pg_total_relation_size(c.oid)::float8 AS bytes FROM pg_class c
     JOIN pg_namespace n ON n.oid = relnamespace WHERE nspname LIKE 'intelligence%' AND relkind = 'r' ORDER BY 2 DESC`,
  )
  return rows as TableSize[]
}

const TICKS = 100

/** CPU time of all the server's processes so far, in ms; NaN where the system does not tell. */
export async function serverCpu(url: string): Promise<number> {
  const sql = `SELECT split_part(pg_read_file('postmaster.pid'), E'\\n', 1)::int AS pid`
  const [first] = (await rowsOf(url, sql)) as { pid: number }[]
  if (!existsSync('/proc/1/stat')) return NaN
  const all = readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? [statOf(name)] : []))
  const server = all.find(({ pid }) => pid === first?.pid)
  if (server === undefined) return NaN
  const children = all.filter(({ parent }) => parent === server.pid)
  const ticks = children.reduce((sum, { own }) => sum + own, server.own + server.ended)
  return ticks * (1_000 / TICKS)
}

interface Stat {
  readonly pid: number
  readonly parent: number
  /** In ticks. */
  readonly own: number
  /** Of children that ended. */
  readonly ended: number
}

function statOf(name: string): Stat {
  const nothing = { pid: Number(name), parent: -1, own: 0, ended: 0 }
  try {
    const text = readFileSync(`/proc/${name}/stat`, 'utf8')
    // Behind the name, which may hold blanks.
    const fields = text
      .slice(text.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number)
    const at = (index: number): number => fields[index] ?? 0
    return { pid: Number(name), parent: at(1), own: at(11) + at(12), ended: at(13) + at(14) }
  } catch {
    return nothing // it ended meanwhile
  }
}

export interface QueueCost {
  readonly jobs: number
  readonly per_second: number
  /** Of this process, for each job. */
  readonly client_cpu_ms: number
  /** Of the server, for each job. */
  readonly server_cpu_ms: number
}

/** Jobs that are queued, claimed and ended, with nothing done for them. */
export async function measureQueue(url: string, jobs: number, callers: number): Promise<QueueCost> {
  await using store = await openPostgresStore({ url, maxConnections: callers + 2, schema: 'queue_alone' })
  const drafts = Array.from({ length: jobs }, (_, at) =>
    toDraft({ content: `text ${at}`, source: `s${at}` }, 1),
  )
  const before = await serverCpu(url)
  const cpu = process.cpuUsage()
  const began = performance.now()
  for (let at = 0; at < jobs; at += 100) await store.jobs.enqueue(drafts.slice(at, at + 100))
  let ended = 0
  const work = async (): Promise<void> => {
    while (ended < jobs) {
      const claimed = await store.jobs.claim(4, 60_000)
      for (const job of claimed) {
        await store.jobs.payload(job)
        await store.jobs.complete(job)
        ended++
      }
      if (claimed.length === 0) return
    }
  }
  await Promise.all(Array.from({ length: callers }, work))
  const ms = performance.now() - began
  const { user, system } = process.cpuUsage(cpu)
  return {
    jobs: ended,
    per_second: (ended / ms) * 1_000,
    client_cpu_ms: (user + system) / 1_000 / ended,
    server_cpu_ms: ((await serverCpu(url)) - before) / ended,
  }
}
