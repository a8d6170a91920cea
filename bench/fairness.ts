/**
 * Fairness between processes that know nothing of each other: limits that adapt, and one server for all of them.
 *
 *     npm run bench -- fairness
 *     npm run bench -- fairness --clients 8 --line 20
 *     npm run bench -- fairness --json
 *
 * Real processes and sockets over loopback.
 */
import { count, environment } from '@keepwarm/cli/measuring'
import type { ConnectionPoolOptions } from 'keepwarm'
import {
  capacityOf,
  measureFairness,
  type FairnessArm,
  type FairnessPlan,
} from './support/fairness-measure.ts'
import { fairnessFindings, fairnessTable } from './support/fairness-words.ts'
import { Progress } from './support/progress.ts'
import { print } from './support/report.ts'
import { readSettings } from './support/settings.ts'

const settings = readSettings('fairness', {
  clients: { usual: 4, quick: 2, least: 1, most: 32, meaning: 'processes' },
  callers: {
    usual: 60,
    quick: 20,
    least: 1,
    most: 1_000,
    meaning: 'of each process, who ask without a pause',
  },
  slots: { usual: 20, quick: 4, least: 1, most: 1_000, meaning: 'of the server' },
  line: {
    usual: 15,
    quick: 4,
    least: 0,
    most: 10_000,
    meaning: 'requests that may stand in line at the server',
  },
  service: { usual: 50, quick: 10, least: 1, most: 10_000, meaning: 'of a request on average, in ms' },
  seconds: { usual: 30, quick: 0.5, least: 0.1, most: 3_600, fractions: true, meaning: 'that count' },
  warm: { usual: 15, quick: 0.5, least: 0, most: 3_600, fractions: true, meaning: 'seconds before them' },
  apart: {
    usual: 1_000,
    quick: 10,
    least: 0,
    most: 60_000,
    meaning: 'ms between the begins of two processes',
  },
  seed: { usual: 1, quick: 1, least: 1, most: 2 ** 31, meaning: 'of the service times' },
})

const { clients, callers, slots, line, service, seconds, warm, apart, seed } = settings
const plan: FairnessPlan = {
  server: { slots, line, service, seed },
  clients,
  callers,
  warm: warm * 1_000,
  lasts: seconds * 1_000,
  apart,
}
/** So that no other limit is in the way. */
const open: ConnectionPoolOptions = {
  maxConnections: callers,
  maxConnectionsPerOrigin: callers,
  acquireTimeout: 60_000,
}
const arms: readonly FairnessArm[] = [
  { name: 'no limit', options: open, tells: true },
  { name: 'limiter: true, 503 alone', options: { ...open, limiter: true }, tells: false },
  { name: 'limiter: true, 503 with Retry-After', options: { ...open, limiter: true }, tells: true },
]

const facts = environment()
const progress = new Progress('fairness', arms.length)
const results = []
for (const arm of arms) {
  progress.step(arm.name)
  results.push(await measureFairness(arm, plan))
}
progress.done()

print(
  {
    benchmark: 'fairness',
    environment: facts,
    settings: { ...settings },
    results,
    method:
      `${count(clients, 'process', 'processes')}, each with one pool and ${count(callers, 'caller')} who ask again at ` +
      `once, begin ${apart} ms apart and share a server in a process of its own: ${count(slots, 'slot')}, ${service} ms ` +
      `on average, exponential, so that it can do ${capacityOf(plan.server)} a second; ${line} may stand in its line, and ` +
      `what comes then is answered 503 at once, with Retry-After: 0 where it says so. ${seconds} s count, after ${warm} s.`,
    tables: [fairnessTable(results)],
    findings: fairnessFindings(results),
  },
  settings,
)
