/**
 * The original's table, made honest: sequential, concurrent and indexing loads with and without pooling, over TLS.
 *
 *     npm run bench -- seed
 *     npm run bench -- seed --rtt 20 --rounds 20
 *     npm run bench -- seed --json
 *
 * The original compared a new client per request with one client, over a mock that opened no connection at all. Here
 * the two costs are told apart (a new client, a new connection), connections are real, and the servers count them.
 */
import { readFileSync } from 'node:fs'
import tls from 'node:tls'
import { count, environment, medians } from '@keepwarm/cli/measuring'
import { Program } from './support/program.ts'
import { print } from './support/report.ts'
import { measureCell, type Cell } from './support/seed-measure.ts'
import { scenarios } from './support/seed-scenarios.ts'
import { finding, originalsTable, scenarioTables } from './support/seed-words.ts'
import { readSettings } from './support/settings.ts'

const few = { least: 1, most: 100_000 }
const settings = readSettings('seed', {
  rounds: { usual: 12, quick: 2, least: 1, most: 1_000, meaning: 'how often each arm runs, after a warm-up' },
  rtt: {
    usual: [0, 1, 10],
    quick: [0, 1],
    least: 0,
    most: 1_000,
    fractions: true,
    meaning: 'round trips to inject, in ms',
  },
  sequential: { ...few, usual: 50, quick: 5, meaning: 'requests one after another' },
  workers: { ...few, usual: 20, quick: 4, most: 1_000, meaning: 'workers at once' },
  'per-worker': { ...few, usual: 20, quick: 5, meaning: 'requests of each worker' },
  documents: { ...few, usual: 100, quick: 10, meaning: 'documents to index' },
})

const facts = environment()
trustOwnCertificate()
const cells = await measure()
print(
  {
    benchmark: 'seed',
    environment: facts,
    settings: { ...settings, protocol: 'HTTP/1.1 over TLS 1.3, loopback', loop: 'closed' },
    results: cells,
    method:
      `${medians(settings.rounds, count(settings.rounds, 'round'))}; every round runs each arm once, ` +
      'in turns, after a warm-up round that does not count. Each run begins with nothing open. CPU time is the ' +
      "client's; connections are those the servers counted.",
    tables: scenarioTables(cells),
    pageTables: [originalsTable(cells)],
    findings: cells.filter(worthSaying).map(finding),
  },
  settings,
)

async function measure(): Promise<Cell[]> {
  await using servers = await Program.start('upstreams-program.ts', settings.rtt)
  const { sequential, workers, documents } = settings
  const cells: Cell[] = []
  for (const scenario of scenarios({ sequential, workers, perWorker: settings['per-worker'], documents })) {
    for (const roundTrip of settings.rtt) {
      cells.push(await measureCell(servers, scenario, roundTrip, settings.rounds))
    }
  }
  return cells
}

/** All arms dial with the options that a user has: none. So the servers' certificate must be in the trust store. */
function trustOwnCertificate(): void {
  const own = readFileSync(new URL('support/test-only-cert.pem', import.meta.url), 'utf8')
  tls.setDefaultCACertificates([...tls.getCACertificates('default'), own])
}

/** One sentence per load, over the wire that is most like a data centre's: the one nearest to 1 ms, if there is a wire. */
function worthSaying({ round_trip_ms }: Cell): boolean {
  const wires = settings.rtt.filter((roundTrip) => roundTrip > 0)
  const distance = (roundTrip: number): number => Math.abs(roundTrip - 1)
  return round_trip_ms === (wires.toSorted((a, b) => distance(a) - distance(b))[0] ?? 0)
}
