/**
 * What a dashboard costs the service that has it: CPU time while one watches, beside none.
 *
 *     npm run bench -- dashboard
 *     npm run bench -- dashboard --clients 30 --connections 3000
 *     npm run bench -- dashboard --json
 *
 * The service, what it calls, and who watches are processes of their own.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { count, environment, estimate, figure, interval, medians } from '@keepwarm/cli/measuring'
import type { DashboardCost, DashboardSettings } from './support/dashboard-program.ts'
import { DashboardWatch } from './support/dashboard-watch.ts'
import type { DashboardResult } from './support/dashboard-words.ts'
import { Program } from './support/program.ts'
import { print } from './support/report.ts'
import { turn } from './support/rounds.ts'
import { readSettings } from './support/settings.ts'

/** At most so much of one core, in per cent. */
const ALLOWED = 1

const settings = readSettings('dashboard', {
  clients: {
    usual: 10,
    quick: 2,
    least: 1,
    most: 100,
    meaning: 'clients of the service, each with its own pool',
  },
  connections: {
    usual: 1_000,
    quick: 20,
    least: 1,
    most: 10_000,
    meaning: 'open connections of all of them',
  },
  calls: { usual: 100, quick: 20, least: 1, most: 10_000, meaning: 'calls a second of all of them' },
  seconds: { usual: 10, quick: 1, least: 1, most: 600, meaning: 'how long each arm runs in a round' },
  rounds: { usual: 6, quick: 1, least: 1, most: 100, meaning: 'how often each arm runs, after a warm-up' },
})
const arms = ['nobody', 'one'] as const
type Arm = (typeof arms)[number]
/** `tick`: its bytes, where somebody watched. */
type Run = DashboardCost & { readonly tick?: number }

const facts = environment()
const result = await measure()
print(
  {
    benchmark: 'dashboard',
    environment: facts,
    settings: { ...settings, protocol: 'HTTP/1.1, loopback' },
    results: [result],
    method:
      `A service with ${count(settings.clients, 'client')} and ${settings.connections.toLocaleString('en-US')} connections ` +
      `makes ${settings.calls} calls a second. There are two of it: nobody watches the one, and one watches the other; each is ` +
      `measured for ${settings.seconds} s, in turns. ` +
      `${medians(settings.rounds, count(settings.rounds, 'round'))}. CPU time is user and system time of the service's ` +
      'whole process.',
    tables: [
      {
        title: 'CPU time of the service, per cent of one core',
        header: ['Who watches', 'CPU, %'],
        rows: [
          ['nobody', interval(result.unwatched_percent)],
          ['one', interval(result.watched_percent)],
          ['what watching adds, round by round', interval(result.watching_percent)],
        ],
      },
    ],
    findings: findings(result),
  },
  settings,
)

async function measure(): Promise<DashboardResult> {
  const { clients, connections, calls, rounds } = settings
  await using server = await Program.start('small-server-program.ts', null)
  const about: DashboardSettings = {
    origin: server.ready as string,
    clients,
    connections,
    callsPerSecond: calls,
  }
  // Once somebody has looked, the event loop is watched for two minutes more: so the one that nobody watches is another.
  await using alone = await Program.start('dashboard-program.ts', about)
  await using service = await Program.start('dashboard-program.ts', about)
  const percent: Record<Arm, number[]> = { nobody: [], one: [] }
  let tick = 0
  for (let round = -1; round < rounds; round++) {
    for (const arm of turn(arms, Math.max(0, round))) {
      const run: Run = await (arm === 'one' ? watched(service) : unwatched(alone))
      if (round < 0) continue
      percent[arm].push((100 * run.cpu_ms) / run.ms)
      tick = run.tick ?? tick
    }
  }
  return {
    ...{ clients, connections, bytes_per_tick: Math.round(tick) },
    unwatched_percent: estimate(percent.nobody),
    watched_percent: estimate(percent.one),
    watching_percent: estimate(percent.one.map((one, round) => one - percent.nobody[round]!)),
  }
}

async function unwatched(service: Program): Promise<Run> {
  const cost = await service.ask<DashboardCost>(settings.seconds * 1_000)
  // Connections of the pools that the system closed meanwhile would make the arms differ.
  if (cost.connections >= settings.connections) return cost
  throw new Error(`${cost.connections} connections were open, of ${settings.connections}; the run is void`)
}

/** The history and the first tick are sent before it is measured: they come once. */
async function watched(service: Program): Promise<Run> {
  const watch = await DashboardWatch.begin(service.ready as string)
  try {
    while (watch.ticks < 2) await sleep(50)
    const [ticks, bytes] = [watch.ticks, watch.bytes]
    const cost = await unwatched(service)
    return { ...cost, tick: (watch.bytes - bytes) / Math.max(1, watch.ticks - ticks) }
  } finally {
    watch.end()
  }
}

function findings({ clients, connections, watching_percent, bytes_per_tick }: DashboardResult): string[] {
  const { median } = watching_percent
  const size = `A tick of ${count(clients, 'client')} with ${connections.toLocaleString('en-US')} connections has ${figure(bytes_per_tick / 1_000)} kB.`
  const kept = median <= ALLOWED ? 'less than' : 'more than'
  return [size, `One who watches costs ${figure(median)} % of a core: ${kept} the ${ALLOWED} % that it may.`]
}
