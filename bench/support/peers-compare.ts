/** The whole comparison, load after load, and its reports: for the benchmark and for the page that is made of all. */
import { count, medians, type Environment } from '@keepwarm/cli/measuring'
import { twoCores } from './cores.ts'
import { measureWorkload, type PeerResult } from './peers-measure.ts'
import { findCommands } from './peers-processes.ts'
import { reference, type PeerName } from './peers-roster.ts'
import { PeerUpstreams } from './peers-upstreams.ts'
import { lossesTable, peersFindings, peersTable } from './peers-words.ts'
import { workloads, type Workload } from './peers-workloads.ts'
import type { Report } from './report.ts'
import type { Settings } from './settings.ts'

export const peersFlags = {
  workload: { choices: workloads.map(({ name }) => name), meaning: 'this load alone' },
  rounds: { usual: 3, quick: 1, least: 1, most: 1_000, meaning: 'fresh processes of each client' },
  slices: {
    usual: 4,
    quick: 2,
    least: 1,
    most: 10_000,
    meaning: 'slices in each process; bursts are five times as many',
  },
  warm: {
    usual: 900,
    quick: 20,
    least: 1,
    most: 60_000,
    meaning: 'ms of CPU time under load before it counts',
  },
  measured: { usual: 100, quick: 15, least: 1, most: 600_000, meaning: 'ms of CPU time of each slice' },
  seed: { usual: 1, quick: 1, least: 1, most: 1_000_000, meaning: 'of the order of the clients' },
} as const

export type PeersSettings = Settings<typeof peersFlags>

export interface Compared {
  readonly workloads: readonly Workload[]
  readonly results: readonly PeerResult[]
  /** Who is left out, and why: not there on this machine, or failed twice. */
  readonly missing: readonly string[]
  /** Whether client and server had a core each. */
  readonly pinned: boolean
}

export async function comparePeers(settings: PeersSettings): Promise<Compared> {
  const chosen = workloads.filter(({ name }) => name === (settings.workload ?? name))
  const names = new Set<PeerName>(chosen.flatMap(({ arms }) => arms))
  const { commands, missing: absent } = findCommands([...names])
  const missing = [...absent]
  const cores = twoCores()
  const { rounds, slices, warm: warmUp, measured, seed } = settings
  const plan = { commands, cores, rounds, slices, warmUp, measured, seed }
  await using upstreams = new PeerUpstreams(cores?.server)
  const results: PeerResult[] = []
  for (const workload of chosen) {
    const measured = await measureWorkload(workload, plan, upstreams)
    results.push(...measured.results)
    missing.push(...measured.lost)
  }
  return { workloads: chosen, results, missing, pinned: cores !== undefined }
}

/** For programs one report; for the page one for each load, and one of what they come to. */
export function peersReports(compared: Compared, facts: Environment, settings: PeersSettings): Report[] {
  const losses = lossesTable(compared.results, compared.workloads)
  const whole: Report = {
    benchmark: 'peers',
    environment: facts,
    settings: { ...settings, reference, protocol: 'HTTP/1.1, loopback', loop: 'closed' },
    results: compared.results,
    method: method(compared, settings),
    tables: [
      ...compared.workloads.map((workload) => peersTable(workload, resultsOf(compared, workload))),
      losses,
    ],
    pageTables: [losses],
    findings: [...compared.missing, ...peersFindings(compared.results, compared.workloads)],
  }
  if (!settings.markdown) return [whole]
  const single = compared.workloads.map((workload) => reportOf(workload, compared, whole, settings))
  return settings.workload === undefined ? [...single, whole] : single
}

function reportOf(workload: Workload, compared: Compared, whole: Report, settings: PeersSettings): Report {
  const results = resultsOf(compared, workload)
  return {
    ...whole,
    benchmark: `peers-${workload.name}`,
    results,
    method: `${inFlight(workload)} ${sampling(settings.rounds, settings.slices * (workload.kind === 'burst' ? 5 : 1))}.`,
    tables: [peersTable(workload, results)],
    pageTables: [peersTable(workload, results)],
    findings: [...compared.missing, ...peersFindings(results, [workload])],
  }
}

function inFlight({ kind, callers, connections, path }: Workload): string {
  if (kind === 'burst') {
    return (
      `${callers} calls at once, each on a connection of its own, by a client that has nothing open; a warmed one dialed ` +
      'before the calls came. Requests/s are those of the bursts alone.'
    )
  }
  const body = path === '/stream' ? ', the body read chunk by chunk' : ''
  return `${count(callers, 'caller')}, at most ${count(connections, 'connection')}${body}.`
}

function sampling(rounds: number, slices: number): string {
  return medians(
    rounds * slices,
    `${count(slices, 'slice')} in each of ${count(rounds, 'process', 'processes')}`,
  )
}

function method({ pinned }: Compared, { rounds, slices, warm, measured }: PeersSettings): string {
  return (
    `${sampling(rounds, slices)}; in each round ` +
    `every client has one fresh process, in an order that chance chose, with ${warm} ms of CPU time under load to warm up and ` +
    `${measured} ms for each slice. ` +
    (pinned ? 'Client and server have a core each. ' : 'Client and server share the cores. ') +
    'CPU time is user and system time of the whole client process; ratios are taken slice by slice of the same round; connections are those ' +
    'that the server counted in the life of a process, and a run whose server counted other requests than were made is void. ' +
    'GC pauses are those that the program stood still for, on the wall. Peak RSS has the runtime in it, and for keepwarm its sources, from which Node takes the types. Retries were off where a client lets one.'
  )
}

function resultsOf({ results }: Compared, { name }: Workload): PeerResult[] {
  return results.filter(({ workload }) => workload === name)
}
