/**
 * Everything beside the peers in one run: the loads, the seed's table, the race, the storm and the outage; with plots.
 *
 *     npm run bench -- report
 *     npm run bench -- report --rounds 10
 *     npm run bench -- report --quick
 *     npm run bench -- report --json
 *
 * Puts its sections, and those of `peers`, into docs/benchmarks.md, and its plots into docs/plots/. A quick run and one for
 * programs (--json) write nothing. It needs nginx; Go and Python's httpx are left out where they are missing.
 */
import { environment } from '@keepwarm/cli/measuring'
import { comparePeers, peersFlags, peersReports } from './support/peers-compare.ts'
import { findCommands } from './support/peers-processes.ts'
import { versions } from './support/peers-versions.ts'
import { savePlot } from './support/plot.ts'
import { ask, commandOf, others, type Other, type Said } from './support/report-others.ts'
import { cpuPlot, faultTables, latencyPlot, overviewTable, type Faults } from './support/report-words.ts'
import { print } from './support/report.ts'
import { readSettings } from './support/settings.ts'

const { workload: _, ...flags } = peersFlags
const settings = readSettings('report', flags)
const shape = { quick: settings.quick, json: settings.json, markdown: !settings.json }
const facts = environment()
const begun = performance.now()

/** A quick run has one load, and the others all at once: it measures nothing worth keeping. */
const peersSettings = { ...settings, ...shape, workload: settings.quick ? 'one' : undefined }
const compared = await comparePeers(peersSettings)
const { workloads, results } = compared
const names = Object.keys(others) as Other[]
const faults = await askAll()
const minutes = (performance.now() - begun) / 60_000

if (!settings.json) {
  for (const report of peersReports(compared, facts, peersSettings)) {
    print(report, shape)
  }
}
print(
  {
    benchmark: 'report',
    environment: facts,
    settings: { ...settings },
    results: [{ peers: results, ...faults }],
    method:
      `\`npm run bench -- report\` took ${minutes.toFixed(1)} minutes. ${versions(findCommands().commands)}. ` +
      `The faults are from shorter runs than those of their own sections: ${names.map((name) => `\`${commandOf(name)}\``).join(', ')}.`,
    tables: [overviewTable(workloads, results), ...faultTables(faults)],
    findings: compared.missing,
  },
  shape,
)
if (!settings.quick && !settings.json) {
  savePlot('docs/plots/peers-cpu.svg', () => cpuPlot(workloads, results))
  savePlot('docs/plots/peers-latency.svg', () => latencyPlot(workloads, results))
}

async function askAll(): Promise<Faults> {
  const said = settings.quick ? await Promise.all(names.map((name) => ask(name, true))) : await inTurn()
  const [seed, race, storm, outage] = said
  return { seed: seed!.results, race: race!.results, storm: storm!, outage: outage!.results } as Faults
}

async function inTurn(): Promise<Said[]> {
  const said: Said[] = []
  for (const name of names) said.push(await ask(name, false))
  return said
}
