import type { Runtime } from '../runtime.ts'
import type { Answer, ServerBehaviour } from './network-behaviour.ts'
import type { SimulatedServer } from './network-server.ts'
import type { Upstream, WhatIfEvent } from './what-if-scenario.ts'

/** Makes a simulated server the service that a scenario describes, with what happens to it. */
export class ModelledUpstream {
  private readonly server: SimulatedServer
  private readonly options: Upstream
  private readonly chance: Pick<Runtime, 'random'>
  private readonly random: () => number
  /** What happens at the moment. */
  private readonly current = new Set<WhatIfEvent>()

  constructor(server: SimulatedServer, options: Upstream, chance: Pick<Runtime, 'random'>) {
    this.server = server
    this.options = options
    this.chance = chance
    this.random = () => chance.random()
    const { queue = Infinity, abandoned = 'finished', latency = 1 } = options
    server.behave({ queue, abandoned, latency, answer: () => this.answer(), ...this.state() })
  }

  begin(event: WhatIfEvent): void {
    this.current.add(event)
    this.server.behave(this.state())
    if (event.kind === 'outage') this.server.crash()
  }

  end(event: WhatIfEvent): void {
    this.current.delete(event)
    this.server.behave(this.state())
  }

  private state(): ServerBehaviour {
    return {
      workers: this.is('hang') ? 0 : this.options.slots,
      dial: this.is('outage') ? { fails: 'ECONNREFUSED' } : {},
    }
  }

  private is(kind: WhatIfEvent['kind']): boolean {
    for (const event of this.current) if (event.kind === kind) return true
    return false
  }

  private answer(): Answer {
    if (this.is('outage')) return { ends: 'refused' } // its dial was under way when it fell
    for (const event of this.current) {
      if (event.kind === 'errors' && this.chance.random() < (event.share ?? 1))
        return { status: event.status ?? 503 }
    }
    return { after: () => this.takes() }
  }

  private takes(): number {
    const { service } = this.options
    let takes = typeof service === 'number' ? service : service(this.random)
    for (const event of this.current) if (event.kind === 'slow') takes *= event.factor
    return takes
  }
}
