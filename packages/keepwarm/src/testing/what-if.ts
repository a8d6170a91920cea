import { HttpClient } from '../client/http-client.ts'
import { Crowd } from './crowd.ts'
import { ManualRuntime } from './manual-runtime.ts'
import { SimulatedNetwork } from './network.ts'
import type { SimulatedServer } from './network-server.ts'
import { failureOf, nameOf } from './simulation-report.ts'
import { whatIfReport, type EndedCall, type WhatIfReport } from './what-if-report.ts'
import { checkWhatIf, type WhatIf } from './what-if-scenario.ts'
import { ModelledUpstream } from './what-if-upstream.ts'

/**
 * What would become of your callers if? Runs real clients with your own options against a modelled upstream that falls
 * ill and gets well again, in virtual time: how many calls succeed, by how much retries multiply the load, and how long
 * it takes until all is well. The same scenario always comes to the same report; {@link whatIfText} shows it.
 *
 * Rejects with ConfigError naming every option that is wrong, and with an Error when a call does not end within an hour.
 *
 * @example
 * const report = await whatIf({
 *   client: { attemptTimeout: 1_000, retry: { attempts: 3 } },
 *   clients: 30,
 *   upstream: { slots: 30, service: exponential(100) },
 *   load: { perSecond: 240 },
 *   duration: 90_000,
 *   events: [{ kind: 'hang', at: 20_000, for: 10_000 }],
 * })
 * console.log(whatIfText(report))
 */
export async function whatIf(scenario: WhatIf): Promise<WhatIfReport> {
  checkWhatIf(scenario)
  const world = new World(scenario)
  try {
    await world.run()
    return world.report()
  } finally {
    await world.close()
  }
}

/** Its own chance for everything, so that the load is the same whatever the clients do. */
const LOAD = 0x10ad
const SERVICE = 0x5e71

class World {
  private readonly scenario: WhatIf
  private readonly runtime: ManualRuntime
  private readonly server: SimulatedServer
  private readonly clients: readonly HttpClient[]
  private readonly load: ManualRuntime
  private readonly ended: EndedCall[] = []
  private readonly attempts: number[] = []
  private readonly arrived: number[] = []

  constructor(scenario: WhatIf) {
    const { client: options = {}, clients = 1, upstream, events = [], seed = 1 } = scenario
    const { baseUrl = 'http://upstream' } = options
    this.scenario = scenario
    this.runtime = new ManualRuntime(seed)
    this.load = new ManualRuntime(seed ^ LOAD)
    const network = new SimulatedNetwork(this.runtime)
    const { runtime } = this
    this.clients = Array.from(
      { length: clients },
      () => new HttpClient({ ...options, baseUrl, runtime, network }),
    )
    for (const client of this.clients) this.countAttempts(client)
    this.server = network.serve(new URL(baseUrl).origin)
    const modelled = new ModelledUpstream(this.server, upstream, new ManualRuntime(seed ^ SERVICE))
    for (const event of events) {
      runtime.after(event.at, () => modelled.begin(event))
      runtime.after(event.at + event.for, () => modelled.end(event))
    }
  }

  async run(): Promise<void> {
    const { load, duration } = this.scenario
    const crowd = new Crowd(this.runtime, () => this.call(), this.load)
    const come = 'perSecond' in load ? { every: 1_000 / load.perSecond } : load
    crowd.expect({ ...come, for: duration })
    await crowd.runToTheEnd({ every: 1_000, told: () => this.readServer() })
    this.readServer()
  }

  report(): WhatIfReport {
    return whatIfReport(this.scenario, {
      lasted: this.runtime.now(),
      calls: this.ended,
      attempts: this.attempts,
      arrived: this.arrived,
      metrics: this.clients.map((client) => client.getMetrics()),
    })
  }

  async close(): Promise<void> {
    for (const client of this.clients) void client.destroy()
    await this.runtime.run(1_000)
  }

  private async call(): Promise<void> {
    const { runtime, clients } = this
    const { method = 'GET', path = '/', ...options } = this.scenario.call ?? {}
    const client = clients[Math.floor(this.load.random() * clients.length)]!
    const began = runtime.now()
    const failure = await failureOf(() => client.call(method, path, options).discard())
    this.ended.push({
      began,
      ended: runtime.now(),
      failure: failure === undefined ? undefined : nameOf(failure),
    })
  }

  /** The only way to the upstream leads through the pool. */
  private countAttempts({ pool }: HttpClient): void {
    const dispatch = pool.dispatch.bind(pool)
    pool.dispatch = (options, handler) => {
      this.attempts.push(this.runtime.now())
      return dispatch(options, handler)
    }
  }

  /** It keeps all that arrived, and in hours that is much. */
  private readServer(): void {
    const { requests } = this.server
    for (const { at } of requests) this.arrived.push(at)
    requests.length = 0
  }
}
