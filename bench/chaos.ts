/**
 * Chaos: random calls against servers that reset, stall, truncate, lie, restart and refuse; what must hold is checked.
 *
 *     npm run bench -- chaos
 *     npm run bench -- chaos --minutes 60 --callers 100
 *     npm run bench -- chaos --seed 7
 *
 * Two clients and their pools, over HTTP/1.1, TLS and HTTP/2. Callers leave at random moments, bodies are streams or
 * left half-way, the pools are evicted, warmed and resized. Every answer must carry its request's number in header and
 * body. Ends with exit code 1 when a law is broken.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { Chance, environment } from '@keepwarm/cli/measuring'
import { disturb } from './support/chaos-disturb.ts'
import { Laws, laws as lawNames } from './support/chaos-laws.ts'
import type { Origins } from './support/chaos-plan.ts'
import { Traffic } from './support/chaos-traffic.ts'
import { checkPools, closeAll, descriptors, HeapWatch, hearUnhandled } from './support/chaos-watch.ts'
import { chaosFindings, faultTable, type Ends } from './support/chaos-words.ts'
import { watchEventLoop } from './support/event-loop-watch.ts'
import { Program } from './support/program.ts'
import { Progress } from './support/progress.ts'
import { print } from './support/report.ts'
import { readSettings } from './support/settings.ts'

const settings = readSettings('chaos', {
  minutes: { usual: 10, quick: 1 / 6, least: 0.01, most: 10_000, fractions: true, meaning: 'how long' },
  callers: { usual: 40, quick: 40, least: 1, most: 1_000, meaning: 'callers at once' },
  share: {
    usual: 60,
    quick: 60,
    least: 0,
    most: 100,
    meaning: 'per cent of the arrivals that meet their fault',
  },
  slack: {
    usual: 1_000,
    quick: 1_000,
    least: 1,
    most: 60_000,
    meaning: 'ms by which a call may outlive its deadline',
  },
  seed: { usual: 0, quick: 0, least: 0, most: 2 ** 32 - 1, meaning: 'of the calls; 0 for another each time' },
})

const seed = settings.seed === 0 ? Math.ceil(Math.random() * 1_000_000) : settings.seed
const facts = environment()
const laws = new Laws()
const stopHearing = hearUnhandled(laws)
const stopWatching = await watchEventLoop({
  longest: 10_000,
  says: `Broken: every call settles by its deadline. The same calls again: npm run bench -- chaos --seed ${seed}`,
})
const { traffic, ends } = await run()
stopHearing()
await stopWatching()
if (laws.anyBroken) process.exitCode = 1
const rows = traffic.tally.all()
print(
  {
    benchmark: 'chaos',
    environment: facts,
    settings: { ...settings, seed, laws: lawNames },
    results: rows,
    method:
      `${settings.callers} callers without a pause, calls by chance of seed ${seed}, half of them asking for no fault. Of the others ` +
      `the servers do to ${settings.share} % of those that arrive what they ask for. Through HttpClients (one with its usual retries and ` +
      'breaker over a narrow pool, one that tries five times without a breaker) and over their bare pools. Deadlines of 0.1 to 1.5 s; ' +
      '15 % of the callers leave before.',
    tables: [faultTable(rows)],
    findings: chaosFindings(ends, laws.sentences, laws.verdict),
  },
  settings,
)

async function run(): Promise<{ traffic: Traffic; ends: Ends }> {
  await using servers = await Program.start('chaos-server-program.ts', settings.share / 100)
  const before = descriptors()
  const chance = new Chance(seed)
  const traffic = new Traffic(chance, servers.ready as Origins, laws, settings.slack)
  const heap = new HeapWatch()
  const startedAt = performance.now()
  const over = traffic.run(settings.callers)
  await lookAfter(traffic, chance, heap, servers.ready as Origins)
  traffic.stop()
  const patience = 2_000 + settings.slack
  await Promise.race([over, sleep(patience)])
  for (const call of traffic.unsettled) laws.break('settles', `${JSON.stringify(call)} never settled`)
  const seconds = (performance.now() - startedAt) / 1_000
  heap.check(laws)
  const counts = await closeAll(traffic.clients, servers, before, laws)
  const { calls, worst, clients } = traffic
  const descriptorsNow = { before, after: descriptors() }
  return {
    traffic,
    ends: { calls, seconds, worst, heap: heap.ends, descriptors: descriptorsNow, counts, clients },
  }
}

/** Until the time is over: checks and disturbs every quarter of a second, and weighs the heap now and then. */
async function lookAfter(traffic: Traffic, chance: Chance, heap: HeapWatch, origins: Origins): Promise<void> {
  const time = settings.minutes * 60_000
  const end = performance.now() + time
  let weighAt = 0
  const progress = new Progress('chaos', Math.ceil(time / 250))
  while (performance.now() < end) {
    progress.step(`${traffic.calls} calls`)
    await sleep(250)
    traffic.checkDeadlines()
    checkPools(traffic.clients, laws)
    disturb(chance, traffic.clients, origins)
    if (performance.now() < weighAt) continue
    await heap.sample()
    weighAt = performance.now() + Math.max(1_000, time / 200)
  }
  progress.done()
}
