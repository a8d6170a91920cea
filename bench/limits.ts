/**
 * Limits on requests in flight: none, fixed ones, and those that adapt, under loads that limits are there for.
 *
 *     npm run bench -- limits
 *     npm run bench -- limits --seeds 12
 *     npm run bench -- limits --plot docs/plots/limits.svg
 *     npm run bench -- limits --json
 *
 * All in virtual time, over a model of a server: twenty slots and a line.
 */
import { count, environment } from '@keepwarm/cli/measuring'
import { arms, loads } from './support/limits-arms.ts'
import { measureLimit } from './support/limits-measure.ts'
import { limitsFindings, limitsPlot, limitsTable } from './support/limits-words.ts'
import { savePlot } from './support/plot.ts'
import { Progress } from './support/progress.ts'
import { print } from './support/report.ts'
import { readSettings } from './support/settings.ts'

const settings = readSettings('limits', {
  seeds: { usual: 5, quick: 1, least: 1, most: 1_000, meaning: 'runs of each, each with other chance' },
  share: { usual: 1, quick: 0.05, least: 0.01, most: 10, fractions: true, meaning: 'of the usual length' },
  first: { usual: 1, quick: 1, least: 1, most: 2 ** 31, meaning: 'the first seed' },
  plot: { file: '.svg', meaning: 'where the plot goes' },
})

const facts = environment()
const seeds = Array.from({ length: settings.seeds }, (_, index) => settings.first + index)
const workloads = loads(settings.share)
const progress = new Progress('limits', workloads.length * arms.length)
const results = workloads.flatMap((load) =>
  arms.map((arm) => {
    progress.step(`${load.name}, ${arm.name}`)
    return measureLimit(arm, load, seeds)
  }),
)
progress.done()

print(
  {
    benchmark: 'limits',
    environment: facts,
    settings: { ...settings },
    results,
    method:
      'A server of 20 slots and a line, first come first served; a request takes 50 ms on average, exponentially ' +
      `(in slower: a mix of short and long ones), so that it can do 400 a second. Poisson arrivals; a client turns away ` +
      'at once what is above its limit, and gives up after 1 s; the server works for those who have left all the same. ' +
      `Medians over ${count(seeds.length, 'run')}, with other chance each; limits are the sum over the clients. ` +
      'An idle server answers half of the requests within 35 ms.',
    tables: workloads.map(({ name, meaning }) =>
      limitsTable(
        `${name}: ${meaning}`,
        results.filter(({ workload }) => workload === name),
      ),
    ),
    findings: limitsFindings(results),
  },
  settings,
)
savePlot(settings.plot, () => limitsPlot(results))
