import { HttpClient } from '../client/http-client.ts'
import type { HttpClientOptions } from '../client/options.ts'
import { ConfigError, type ConfigProblem } from '../errors.ts'
import { namesOf, optionProblems } from '../known-options.ts'
import { Crowd, type Flow } from './crowd.ts'
import { ManualRuntime } from './manual-runtime.ts'
import type { ServerBehaviour } from './network-behaviour.ts'
import { SimulatedNetwork } from './network.ts'
import { CallTally, report, type SimulationReport } from './simulation-report.ts'

export type Traffic = Flow & {
  /**
   * Makes one call, numbered from 1, and resolves when it is over. It may wait for the client and for `runtime`, but for
   * nothing else: outside the simulation no time passes.
   */
  readonly call: (client: HttpClient, number: number, runtime: ManualRuntime) => PromiseLike<unknown>
}

/** Something that happens on the way: a server that falls ill, a limit that is changed. */
export interface Incident {
  readonly at: number
  readonly happens: (world: { network: SimulatedNetwork; client: HttpClient; runtime: ManualRuntime }) => void
}

export interface Simulation {
  /** The options of the client that is put to the test. */
  readonly options?: Omit<HttpClientOptions, 'runtime' | 'network' | 'pool'>
  /** The servers, by origin (`http://name:port`). */
  readonly network: Readonly<Record<string, ServerBehaviour>>
  readonly traffic: Traffic | readonly Traffic[]
  readonly incidents?: readonly Incident[]
  /** Of the chance. Default 1. */
  readonly seed?: number
}

/**
 * Puts a client with its limits and policies under traffic, in a world where an hour takes a second: what do callers
 * wait, who is turned away, how many connections does it take? The same simulation always comes to the same report.
 *
 * Rejects with ConfigError naming every option that is wrong, and with an Error when a call does not end within an hour.
 *
 * @example
 * const { waits, refusals } = await simulate({
 *   options: { maxConnections: 10, acquireTimeout: 500 },
 *   network: { 'http://orders': { answer: { after: 80 } } },
 *   traffic: { every: 10, for: 60_000, call: (client) => client.get('http://orders/').text() },
 * })
 */
export async function simulate(simulation: Simulation): Promise<SimulationReport> {
  const flows = check(simulation)
  const runtime = new ManualRuntime(simulation.seed ?? 1)
  const network = new SimulatedNetwork(runtime, simulation.network)
  const client = new HttpClient({ ...simulation.options, runtime, network })
  for (const { at, happens } of simulation.incidents ?? []) {
    runtime.after(at, () => happens({ network, client, runtime }))
  }
  const tally = new CallTally()
  const crowd = new Crowd<Traffic>(runtime, ({ call }, number) =>
    tally.follow(runtime, () => call(client, number, runtime)),
  )
  for (const flow of flows) crowd.expect(flow)
  await crowd.runToTheEnd()
  const result = report(client, network, tally, runtime.now())
  void client.close()
  await runtime.run(1_000)
  return result
}

const names = namesOf<Simulation>({
  options: true,
  network: true,
  traffic: true,
  incidents: true,
  seed: true,
})

/** @throws ConfigError naming every option that is wrong */
function check(simulation: Simulation): readonly Traffic[] {
  const flows = [simulation.traffic].flat()
  const problems = [...optionProblems(simulation, names), ...flows.flatMap((flow) => flowProblems(flow))]
  if (problems.length > 0) throw new ConfigError(problems)
  return flows
}

function flowProblems(flow: Traffic): ConfigProblem[] {
  const problems: ConfigProblem[] = []
  const require = (holds: boolean, option: string, received: unknown, expected: string): void => {
    if (!holds) problems.push({ variable: `traffic.${option}`, received: String(received), expected })
  }
  if ('every' in flow) require(flow.every > 0, 'every', flow.every, 'milliseconds above 0')
  else
    require(Number.isInteger(flow.callers) &&
      flow.callers > 0, 'callers', flow.callers, 'a whole number from 1')
  require(flow.for > 0 && Number.isFinite(flow.for), 'for', flow.for, 'milliseconds above 0')
  require(typeof flow.call === 'function', 'call', typeof flow.call, 'a function that makes a call')
  return problems
}
