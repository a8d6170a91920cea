/**
 * Chaos for the whole service: each upstream slow, flaky, overloaded, dead and hung, all at once, and restarts amid that.
 *
 *     npm run bench -- service-chaos
 *     npm run bench -- service-chaos --seconds 60 --seed 7
 *
 * The service runs in a process of its own, over a gate in front of each of its four stand-ins that does to the traffic
 * what networks and servers do. Documents come and searches go on all the time. What must hold is checked (`laws`);
 * ends with exit code 1 when a law is broken.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { Chance, environment } from '@keepwarm/cli/measuring'
import { breachesIn, closeBooks, keepBooks, type Books } from '../apps/intelligence/test/chaos/books.ts'
import { House } from '../apps/intelligence/test/chaos/house.ts'
import { breachesOf, laws, nameOf, type Breach } from '../apps/intelligence/test/chaos/laws.ts'
import { runPhase, settle, type Echoes } from '../apps/intelligence/test/chaos/phase.ts'
import { Traffic } from '../apps/intelligence/test/chaos/traffic.ts'
import { Progress } from './support/progress.ts'
import { print } from './support/report.ts'
import { planOf } from './support/service-chaos-plan.ts'
import { chaosFindings, phaseOf, phaseTable, type ChaosPhase } from './support/service-chaos-words.ts'
import { readSettings } from './support/settings.ts'

const settings = readSettings('service-chaos', {
  seconds: { usual: 20, quick: 6, least: 2, most: 3_600, meaning: 'how long each fault lasts' },
  usual: { usual: 20, quick: 8, least: 5, most: 600, meaning: 'seconds without a fault at the beginning' },
  documents: { usual: 2, quick: 2, least: 1, most: 100, meaning: 'documents a second' },
  searches: { usual: 5, quick: 5, least: 1, most: 200, meaning: 'searches a second' },
  patience: {
    usual: 120,
    quick: 120,
    least: 1,
    most: 3_600,
    meaning: 'seconds within which all has to be well again',
  },
  seed: { usual: 0, quick: 0, least: 0, most: 2 ** 32 - 1, meaning: 'of chance; 0 for another each time' },
})
const seed = settings.seed === 0 ? Math.ceil(Math.random() * 1_000_000) : settings.seed
const { rows, books, breaches } = await run()
if (breaches.length > 0) process.exitCode = 1
print(
  {
    benchmark: 'service-chaos',
    environment: environment(),
    settings: { ...settings, seed, laws },
    results: [...rows, books],
    method:
      `Each fault lasts ${settings.seconds} s and comes from outside, at a gate between the service and its stand-in; chance by seed ${seed}. ` +
      `${settings.documents} documents a second come in batches of one, ${settings.searches} searches a second look for a word that one document has. ` +
      'Health, clients and diagnosis are asked twice a second. "Well again" is healthy with every breaker closed, "caught up" is every ' +
      'accepted document indexed with all its parts, both from the end of the fault. Repairs of degraded documents come after 1 to 5 s in place of 30 s to 30 min.',
    tables: [phaseTable(rows)],
    findings: chaosFindings(rows, books, breaches),
  },
  settings,
)

async function run(): Promise<{ rows: ChaosPhase[]; books: Books; breaches: Breach[] }> {
  const chance = new Chance(seed)
  await using house = await House.open(() => chance.next())
  keepBooks(house.folder)
  const traffic = new Traffic(house)
  await traffic.begin({ documents: 1_000 / settings.documents, searches: 1_000 / settings.searches })
  // What is unusual is only known once the usual is.
  await sleep(settings.usual * 1_000)
  const plans = planOf(settings.seconds * 1_000, settings.quick)
  const progress = new Progress('service-chaos', plans.length)
  const echoes: Echoes = new Map()
  const rows: ChaosPhase[] = []
  const breaches: Breach[] = []
  for (const plan of plans) {
    progress.step(nameOf({ plan }))
    const patience = { between: 500, recovery: settings.patience * 1_000 }
    const seen = await runPhase({ house, traffic }, plan, patience, echoes)
    rows.push(phaseOf(seen))
    breaches.push(...breachesOf(seen))
  }
  progress.done()
  await traffic.end()
  await settle(house, settings.patience * 1_000)
  await house.end('SIGTERM')
  const books = closeBooks(house.folder, traffic.promised)
  return { rows, books, breaches: [...breaches, ...breachesIn(books)] }
}
