/**
 * A server that hangs for some seconds, over real sockets: which HTTP clients let it come back, and which keep it
 * drowning with their retries.
 *
 *     npm run bench -- storm
 *     npm run bench -- storm --after 40 --plot docs/plots/storm.svg
 *     npm run bench -- storm --json
 *
 * Server and client are processes of their own, fresh for each client.
 */
import { environment } from '@keepwarm/cli/measuring'
import { savePlot } from './support/plot.ts'
import { Progress } from './support/progress.ts'
import { print } from './support/report.ts'
import { readSettings } from './support/settings.ts'
import { stormArms, type StormArm } from './support/storm-arms.ts'
import { measureStorm, type StormPlan, type StormResult } from './support/storm-measure.ts'
import { stormFindings, stormPlot, stormTable } from './support/storm-words.ts'

const work = 100
const settings = readSettings('storm', {
  slots: { usual: 30, quick: 4, least: 1, most: 1_000, meaning: 'requests that the server works on at once' },
  load: { usual: 0.8, quick: 0.8, least: 0.01, most: 2, fractions: true, meaning: 'of what it can do' },
  before: { usual: 4, quick: 1, least: 1, most: 600, meaning: 'seconds before it hangs' },
  hang: { usual: 5, quick: 1, least: 1, most: 600, meaning: 'seconds in which it hangs' },
  after: { usual: 20, quick: 1, least: 1, most: 3_600, meaning: 'seconds that are watched after it' },
  seed: { usual: 1, quick: 1, least: 1, most: 2 ** 31, meaning: 'of the chance' },
  plot: { file: '.svg', meaning: 'where the plot goes' },
})
const { slots, load, before, hang, after, seed } = settings
const plan: StormPlan = { slots, work, seed, rate: (load * slots * 1_000) / work, before, hang, after }

const facts = environment()
const progress = new Progress('storm', stormArms.length)
/** A quick run has them all at once, as it measures nothing worth keeping. */
const results = settings.quick
  ? await Promise.all(stormArms.map((arm) => measureStorm(arm, plan)))
  : await inTurn(stormArms)
progress.done()

print(
  {
    benchmark: 'storm',
    environment: facts,
    settings: { ...settings },
    results,
    method:
      `An HTTP/1.1 server of ${slots} slots and a line without an end, in a process of its own; a request takes ${work} ms on ` +
      `average, exponentially, and it works for those who have left, too. After ${before} s it hangs for ${hang} s: it takes ` +
      `requests and begins none. ${Math.round(plan.rate)} calls a second, ${Math.round(load * 100)} % of what it can do, at random moments, the ` +
      `same for every client, which is one process, after ten that do not count; an attempt may take 1 s, three attempts at most. Well again: from when on ` +
      `95 % of the calls of five seconds succeed, watched for ${after} s. Attempts are the requests that the server counted. One run each.`,
    tables: [stormTable(results, plan)],
    findings: stormFindings(results, plan),
  },
  settings,
)
savePlot(settings.plot, () => stormPlot(results, plan))

async function inTurn(arms: readonly StormArm[]): Promise<StormResult[]> {
  const measured: StormResult[] = []
  for (const arm of arms) {
    progress.step(arm.name)
    measured.push(await measureStorm(arm, plan))
  }
  return measured
}
