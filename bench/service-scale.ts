/**
 * The reference service at scale: what grows with the documents, and how much of its upstreams' capacity it uses.
 *
 *     npm run bench -- service-scale
 *     npm run bench -- service-scale --documents 20000 --workers 0
 *     npm run bench -- service-scale --json
 *
 * The service and its upstreams are processes of their own; the upstreams have so many slots and a service time, so that
 * what they can do is known. PostgreSQL is started where it is installed.
 */
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { count, environment } from '@keepwarm/cli/measuring'
import { findPostgres, startPostgres } from '../apps/intelligence/test/postgres/server.ts'
import { Progress } from './support/progress.ts'
import { print } from './support/report.ts'
import { measureGrowth, type Growth } from './support/service-scale-growth.ts'
import { House } from './support/service-scale-house.ts'
import { measureQueue, serverCpu, tableSizes } from './support/service-scale-postgres.ts'
import type { PostgresFacts } from './support/service-scale-result.ts'
import { measureUse, slowAt, type Use, type UsePlan } from './support/service-scale-use.ts'
import { scaleFindings, scaleTables } from './support/service-scale-words.ts'
import { readSettings } from './support/settings.ts'

const PATH = '/api/generate'

const settings = readSettings('service-scale', {
  documents: { usual: 100_000, quick: 100, least: 100, most: 10_000_000, meaning: 'that the index grows to' },
  concurrency: { usual: 24, quick: 12, least: 1, most: 256, meaning: 'documents at once, of each process' },
  searches: { usual: 100, quick: 5, least: 1, most: 10_000, meaning: 'of each kind at each mark' },
  slots: { usual: 8, quick: 4, least: 1, most: 1_000, meaning: 'of the slowest upstream' },
  service: {
    usual: 160,
    quick: 20,
    least: 1,
    most: 60_000,
    meaning: 'ms of a request at the slowest upstream',
  },
  use: { usual: 1_500, quick: 20, least: 20, most: 1_000_000, meaning: 'documents indexed against it' },
  workers: { usual: 3, quick: 0, least: 0, most: 64, meaning: 'processes that share PostgreSQL; 0 for none' },
  seed: { usual: 1, quick: 1, least: 1, most: 2 ** 31, meaning: 'of the documents' },
})
const { documents, concurrency, searches, slots, service, use, workers, seed } = settings

const facts = environment()
const progress = new Progress('service-scale', documents + 2 * use)
const { growth, sqliteBytes } = await grow()
const plan: UsePlan = {
  ...{
    path: PATH,
    capacities: slowAt(PATH, slots, service),
    documents: use,
    alone: Math.max(500, 20 * service),
  },
  ...{ workers: 1, concurrency, seed },
}
const uses: Use[] = [await measureUse(plan, tell('SQLite', documents))]
const postgres = await onPostgres()
progress.done()

const result = { growth, uses, sqliteBytes, postgres }
print(
  {
    benchmark: 'service-scale',
    environment: facts,
    settings: { ...settings },
    results: [result],
    method:
      `${count(documents, 'document')} of 600, 2,000 and 8,000 characters (70, 25 and 5 of a hundred), made from seed ${seed}, ` +
      `are sent in batches of 100; ${count(concurrency, 'document')} are indexed at once. Upstreams of 64 slots and 5 ms ` +
      `for each path, and a search every 200 ms while documents are indexed; at each mark nothing else goes on. CPU by parts is a ` +
      `profile of 5 s. Against the slowest: ${count(use, 'document')}, of which those between 15 and 85 of a hundred count; the model that finds ` +
      `entities has ${count(slots, 'slot')} and takes ${service} ms. Alone is a client with three requests for each slot at all times. ` +
      `PostgreSQL runs without fsync.`,
    tables: scaleTables(result),
    findings: scaleFindings(result),
  },
  settings,
)

async function grow(): Promise<{ growth: Growth; sqliteBytes: number }> {
  const plan = {
    ...{ capacities: slowAt(PATH, 64, 5), workers: 1, concurrency, seed },
    ...{ documents, marks: [1_000, 10_000, 100_000], searches, portions: 10 },
    profile: settings.quick ? 300 : 5_000,
  }
  await using house = await House.open(plan)
  const growth = await measureGrowth(house, plan, tell('growing', 0))
  return { growth, sqliteBytes: statSync(join(house.folder, 'worker-0', 'intelligence.db')).size }
}

async function onPostgres(): Promise<PostgresFacts | undefined> {
  const bin = workers === 0 ? undefined : findPostgres()
  if (bin === undefined) return undefined
  await using server = await startPostgres(bin)
  const database = await server.createDatabase()
  const before = await serverCpu(database)
  uses.push(await measureUse({ ...plan, workers, database }, tell('PostgreSQL', documents + use)))
  const spent = (await serverCpu(database)) - before
  const sizes = await tableSizes(database)
  const queue = await measureQueue(database, use, 8)
  return { documents: use, sizes, queue, serverCpu: spent / use }
}

function tell(what: string, before: number): (done: number) => void {
  return (done) => progress.at(before + done, `${what}, ${count(done, 'document')}`)
}
