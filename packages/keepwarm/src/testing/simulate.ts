import { HttpClient } from '../client/http-client.ts'
import type { HttpClientOptions } from '../client/options.ts'
import { ConfigError, type ConfigProblem } from '../errors.ts'
import { namesOf, optionProblems } from '../known-options.ts'
import { ManualRuntime } from './manual-runtime.ts'
import type { ServerBehaviour } from './network-behaviour.ts'
import { SimulatedNetwork } from './network.ts'
import { CallTally, report, type SimulationReport } from './simulation-report.ts'

/** Calls that come by themselves, however the earlier ones fare. All times in milliseconds. */
export interface Arrivals {
  /** The mean time between two of them. */
  readonly every: number
  /** `random` (Poisson), or `even`. Default random. */
  readonly spread?: 'random' | 'even'
}

/** So many callers, each of whom calls again when the last call is over. */
export interface Callers {
  readonly callers: number
  /** Between the end of a call and the next one. Default 0. */
  readonly pause?: number
}

export type Traffic = (Arrivals | Callers) & {
  /**
   * Makes one call, numbered from 1, and resolves when it is over. It may wait for the client and for `runtime`, but for
   * nothing else: outside the simulation no time passes.
   */
  readonly call: (client: HttpClient, number: number, runtime: ManualRuntime) => PromiseLike<unknown>
  /** When it begins. Default 0. */
  readonly from?: number
  /** For how long new calls come. */
  readonly for: number
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

/** Nobody waits longer for calls that do not end. */
const LONGEST_AFTERMATH = 3_600_000

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
  const crowd = new Crowd(client, runtime)
  for (const flow of flows) crowd.expect(flow)
  await crowd.runToTheEnd()
  const result = report(client, network, crowd.tally, runtime.now())
  void client.close()
  await runtime.run(1_000)
  return result
}

/** All who call. */
class Crowd {
  readonly tally: CallTally = new CallTally()
  private readonly client: HttpClient
  private readonly runtime: ManualRuntime
  private calls = 0
  private open = 0
  private until = 0

  constructor(client: HttpClient, runtime: ManualRuntime) {
    this.client = client
    this.runtime = runtime
  }

  expect(flow: Traffic): void {
    const from = flow.from ?? 0
    const end = from + flow.for
    this.until = Math.max(this.until, end)
    if ('every' in flow) return this.arrive(flow, flow, from, end)
    for (let i = 0; i < flow.callers; i++)
      this.at(from, end, () => void this.callAgain(flow, flow.pause ?? 0, end))
  }

  async runToTheEnd(): Promise<void> {
    await this.runtime.run(this.until)
    for (let waited = 0; this.open > 0; waited += 100) {
      if (waited > LONGEST_AFTERMATH)
        throw new Error(`${this.open} calls have not ended an hour after the last began`)
      await this.runtime.run(100)
    }
  }

  private arrive(flow: Traffic, { every, spread = 'random' }: Arrivals, last: number, end: number): void {
    const gap = spread === 'even' ? every : -Math.log(1 - this.runtime.random()) * every
    this.at(last + gap, end, () => {
      void this.call(flow)
      this.arrive(flow, { every, spread }, last + gap, end)
    })
  }

  private async callAgain(flow: Traffic, pause: number, end: number): Promise<void> {
    await this.call(flow)
    this.at(this.runtime.now() + pause, end, () => void this.callAgain(flow, pause, end))
  }

  private async call({ call }: Traffic): Promise<void> {
    const { client, runtime, tally } = this
    const began = runtime.now()
    this.open++
    let failure: unknown
    try {
      await call(client, ++this.calls, runtime)
    } catch (error) {
      failure = error ?? new Error(String(error))
    }
    this.open--
    tally.ended(runtime.now() - began, failure)
  }

  /** Not when it is over by then. */
  private at(moment: number, end: number, action: () => void): void {
    if (moment < end) this.runtime.after(moment - this.runtime.now(), action)
  }
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
