/**
 * A server that hangs for ten seconds and then has to work off what has piled up: which clients let it, and which keep
 * it drowning for ever.
 *
 *     npm run bench -- outage
 *     npm run bench -- outage --seeds 20 --clients 100
 *     npm run bench -- outage --plot docs/plots/outage.svg
 *     npm run bench -- outage --json
 *
 * All in virtual time: real clients over a network without sockets, as whatIf() of keepwarm/testing runs them.
 */
import { count, environment } from '@keepwarm/cli/measuring'
import { arms, type OutageShape } from './support/outage-arms.ts'
import { measureOutage, type OutageResult } from './support/outage-measure.ts'
import { outageFindings, outagePlot, outageTable } from './support/outage-words.ts'
import { savePlot } from './support/plot.ts'
import { Progress } from './support/progress.ts'
import { print } from './support/report.ts'
import { readSettings } from './support/settings.ts'

const capacity = 300
const most = 1_000
const settings = readSettings('outage', {
  seeds: { usual: 5, quick: 1, least: 1, most, meaning: 'runs of each, each with other chance' },
  first: { usual: 1, quick: 1, least: 1, most: 2 ** 31 - most, meaning: 'the first seed' },
  loads: { usual: [240, 280], quick: [240], least: 1, most, meaning: 'calls a second' },
  clients: { usual: 30, quick: 30, least: 1, most, meaning: 'that share the load' },
  hang: { usual: 10, quick: 5, least: 1, most: 600, meaning: 'seconds in which the server hangs' },
  seconds: { usual: 130, quick: 10, least: 6, most: 3_600, meaning: 'after it that are watched' },
  plot: { file: '.svg', meaning: 'where the plot goes, of the first load' },
})

const facts = environment()
const seeds = Array.from({ length: settings.seeds }, (_, index) => settings.first + index)
const shape: OutageShape = {
  clients: settings.clients,
  hangs: settings.hang * 1_000,
  watched: settings.seconds * 1_000,
}
const progress = new Progress('outage', settings.loads.length * arms.length)
const results: OutageResult[] = []
for (const load of settings.loads) {
  for (const arm of arms) {
    progress.step(`${load} a second, ${arm.name}`)
    results.push(await measureOutage(arm, load, seeds, shape))
  }
}
progress.done()

print(
  {
    benchmark: 'outage',
    environment: facts,
    settings: { ...settings },
    results,
    method:
      `A server of 30 slots and a line without an end; a request takes 100 ms on average, exponentially, so that it can ` +
      `do ${capacity} a second, and it works for those who have left, too. After 20 s it hangs for ${settings.hang} s: it takes ` +
      `requests and begins none. ${count(settings.clients, 'client')}, Poisson arrivals, an attempt may take 1 s, three ` +
      `attempts at most. Well again: from when on 95 % of the calls of five seconds succeed, watched for ` +
      `${settings.seconds} s. Medians over ${count(seeds.length, 'run')} with other chance each; the load is the same for all clients.`,
    tables: settings.loads.map((load) =>
      outageTable(
        `${load} calls a second, ${Math.round((load / capacity) * 100)} % of what the server can do`,
        results.filter((result) => result.per_second === load),
      ),
    ),
    findings: outageFindings(results),
  },
  settings,
)
savePlot(settings.plot, () => outagePlot(results, shape))
