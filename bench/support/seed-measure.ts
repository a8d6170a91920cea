/** One run of one arm, and what the runs of a scenario come to. */
import { setImmediate as breathe } from 'node:timers/promises'
import { estimate, type Estimate, median, ratio } from '@keepwarm/cli/measuring'
import type { Origins } from './documents.ts'
import type { Program } from './program.ts'
import { interleave } from './rounds.ts'
import { arms, openers, type ArmName } from './seed-arms.ts'
import type { Scenario } from './seed-scenarios.ts'
import type { Counts } from './upstreams-program.ts'

interface Sample extends Counts {
  readonly ms: number
  readonly cpuMsPerRequest: number
}

export interface ArmResult {
  readonly arm: ArmName
  /** The whole run. */
  readonly ms: Estimate
  readonly cpu_ms_per_request: Estimate
  /** As the servers counted them, in the median run. */
  readonly connections: number
  readonly tls_resumed: number
  /** The other arm's time by this one's, round by round. */
  readonly times_faster_than_new_client: Estimate
  readonly times_faster_than_new_connection: Estimate
}

export interface Cell {
  readonly scenario: string
  readonly title: string
  readonly round_trip_ms: number
  readonly requests: number
  readonly arms: readonly ArmResult[]
}

/** Measures all arms of a scenario over one wire. */
export async function measureCell(
  servers: Program,
  scenario: Scenario,
  roundTrip: number,
  rounds: number,
): Promise<Cell> {
  const origins = (servers.ready as Record<number, Origins>)[roundTrip]!
  const what = `${scenario.name}, ${roundTrip} ms`
  const samples = await interleave(what, arms, rounds, (arm) => runOnce(servers, scenario, origins, arm))
  return {
    scenario: scenario.name,
    title: scenario.title,
    round_trip_ms: roundTrip,
    requests: scenario.requests,
    arms: arms.map((arm) => summarise(arm, samples)),
  }
}

/** From opening the client to having closed it. */
async function runOnce(
  servers: Program,
  scenario: Scenario,
  origins: Origins,
  arm: ArmName,
): Promise<Sample> {
  await breathe()
  const cpuBefore = process.cpuUsage()
  const startedAt = performance.now()
  const caller = openers[arm](origins, scenario.limits)
  await scenario.run(caller)
  await caller.close()
  const ms = performance.now() - startedAt
  const { user, system } = process.cpuUsage(cpuBefore)
  const counts = await servers.ask<Counts>('counts')
  if (counts.requests !== scenario.requests) {
    throw new Error(`${arm} made ${counts.requests} requests for ${scenario.requests}; the run is void`)
  }
  return { ms, cpuMsPerRequest: (user + system) / 1_000 / scenario.requests, ...counts }
}

function summarise(arm: ArmName, samples: Readonly<Record<ArmName, readonly Sample[]>>): ArmResult {
  const own = samples[arm]
  const timesOf = (name: ArmName): number[] => samples[name].map(({ ms }) => ms)
  return {
    arm,
    ms: estimate(timesOf(arm)),
    cpu_ms_per_request: estimate(own.map((sample) => sample.cpuMsPerRequest)),
    connections: median(own.map((sample) => sample.connections)),
    tls_resumed: median(own.map((sample) => sample.resumed)),
    times_faster_than_new_client: ratio(timesOf('new client'), timesOf(arm)),
    times_faster_than_new_connection: ratio(timesOf('new connection'), timesOf(arm)),
  }
}
