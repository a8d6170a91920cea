/**
 * Hedged requests: what a second attempt takes off the tail at each load, and what it costs the servers.
 *
 *     npm run bench -- hedging
 *     npm run bench -- hedging --loopback 20
 *     npm run bench -- hedging --plot docs/plots/hedging.svg
 *     npm run bench -- hedging --json
 *
 * First in virtual time, over servers with lines before them. Then, when asked for, with a real server that has a heavy
 * tail, in a process of its own.
 */
import { environment } from '@keepwarm/cli/measuring'
import { runHedging, type HedgingSample } from './support/hedging-loopback.ts'
import { fleetSize, hedgingWays, simulateHedging } from './support/hedging-simulate.ts'
import { hedgingFindings, hedgingPlot, loopbackTable, simulationTable } from './support/hedging-words.ts'
import { savePlot } from './support/plot.ts'
import { Progress } from './support/progress.ts'
import { print } from './support/report.ts'
import { readSettings } from './support/settings.ts'

const settings = readSettings('hedging', {
  loads: {
    usual: [0.3, 0.6, 0.85, 0.95],
    quick: [0.3, 0.95],
    least: 0.01,
    most: 0.99,
    fractions: true,
    meaning: 'utilisation of the simulated servers, without hedges',
  },
  seconds: { usual: 60, quick: 5, least: 1, most: 3_600, meaning: 'of simulated time at each load' },
  loopback: { usual: 0, quick: 0, least: 0, most: 3_600, meaning: 'seconds with real sockets; 0 for none' },
  rate: { usual: 300, quick: 100, least: 1, most: 5_000, meaning: 'requests a second there' },
  seed: { usual: 1, quick: 1, least: 1, most: 2 ** 32 - 1, meaning: 'of the chance' },
  plot: { file: '.svg', meaning: 'where the plot of the simulation goes' },
})
const { loads, seconds, loopback, rate, seed } = settings
/** Seconds of the loopback that do not count. */
const warmUp = Math.min(5, loopback)

const facts = environment()
const tasks = loads.flatMap((load) => hedgingWays.map((way) => ({ load, way })))
const progress = new Progress('hedging, simulated', tasks.length)
const simulated = tasks.map(({ load, way }) => {
  progress.step(`${way}, ${load}`)
  return simulateHedging(way, load, seconds, seed)
})
progress.done()
const real: HedgingSample[] =
  loopback === 0 ? [] : await runHedging({ rate, seconds: loopback, warmUp, seed })
const tables = [simulationTable(simulated), ...(real.length === 0 ? [] : [loopbackTable(real)])]
print(
  {
    benchmark: 'hedging',
    environment: facts,
    settings: { ...settings, ...fleetSize },
    results: [...simulated, ...real],
    method:
      `Simulated are ${fleetSize.servers} servers with ${fleetSize.workers} workers and a line each, for ${seconds} s; the work has a ` +
      'heavy tail (half of it below 6.6 ms, a hundredth above 47), calls come at random moments to a server by chance, and a hedge ' +
      'goes to another one. All ways get the same calls. "No cancelling" means that a server finishes what nobody waits for. ' +
      `keepwarm hedges with its defaults: at p95, 5 % of the requests, none where requests wait for each other.` +
      (loopback === 0
        ? ''
        : ` With real sockets a hundredth of the answers takes 200 to 1,000 ms, the others 5: ${rate} requests a second for ` +
          `${loopback} s after ${warmUp} s that do not count, HTTP/1.1; the server counts, and stops when a socket closes.`),
    tables,
    findings: hedgingFindings(simulated, real),
  },
  settings,
)
savePlot(settings.plot, () => hedgingPlot(simulated))
