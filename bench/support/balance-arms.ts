/** The ways of spreading requests that are held against each other. */
import type { Chance } from '@keepwarm/cli/measuring'
import { Balancer, Ejection, OutlierRecord, resolveEjection, type Endpoint } from './balance-room.ts'

/** How a request ended for the one who asked. */
export interface Ending {
  readonly failed: boolean
  readonly connectFailure: boolean
  /** Until the answer or the failure, in ms. */
  readonly took: number
}

/** Spreads requests over servers, which are numbered from 0. */
export interface Spreader {
  /** The server for the next request, which goes there now. */
  next(now: number): number
  ended(server: number, ending: Ending, now: number): void
}

export interface BalanceArm {
  readonly name: string
  spread(servers: number, timeout: number, chance: Chance): Spreader
}

/** What keepwarm does by default. */
export const defaultArm = 'peak-EWMA, ejection'

export const balanceArms: readonly BalanceArm[] = [
  plain('round robin', false, (servers) => new RoundRobin(servers)),
  plain('round robin, ejection', true, (servers) => new RoundRobin(servers)),
  plain('least loaded of two', false, (servers, chance) => new LeastLoaded(servers, chance)),
  plain('least loaded of two, ejection', true, (servers, chance) => new LeastLoaded(servers, chance)),
  { name: 'peak-EWMA', spread: (servers, timeout, chance) => new PeakEwma(servers, timeout, chance, false) },
  { name: defaultArm, spread: (servers, timeout, chance) => new PeakEwma(servers, timeout, chance, true) },
]

/** The library's own. */
class PeakEwma implements Spreader {
  private readonly balancer: Balancer
  private readonly endpoints: readonly Endpoint[]
  private readonly chance: Chance

  constructor(servers: number, timeout: number, chance: Chance, ejection: boolean) {
    const names = Array.from({ length: servers }, (_, index) => `server ${index}`)
    this.balancer = new Balancer(names, {
      failurePenalty: timeout,
      ...(ejection ? {} : { ejection: false as const }),
    })
    this.endpoints = names.map((name) => this.balancer.find(name)!)
    this.chance = chance
  }

  next(now: number): number {
    const endpoint = this.balancer.pick(now, this.chance.next(), this.chance.next())
    this.balancer.started(endpoint, now)
    return this.endpoints.indexOf(endpoint)
  }

  ended(server: number, { failed, connectFailure, took }: Ending, now: number): void {
    const outcome = failed ? 'failure' : 'success'
    this.balancer.ended(this.endpoints[server]!, outcome, took, now, this.chance.next(), connectFailure)
  }
}

/** Chooses among the servers that may be used, and knows what is under way. */
interface Chooser {
  choose(usable: (server: number) => boolean): number
  ended(server: number): void
}

class RoundRobin implements Chooser {
  private readonly servers: number
  private last = -1

  constructor(servers: number) {
    this.servers = servers
  }

  choose(usable: (server: number) => boolean): number {
    do this.last = (this.last + 1) % this.servers
    while (!usable(this.last))
    return this.last
  }

  ended(): void {}
}

class LeastLoaded implements Chooser {
  private readonly inFlight: number[]
  private readonly chance: Chance

  constructor(servers: number, chance: Chance) {
    this.inFlight = Array.from({ length: servers }, () => 0)
    this.chance = chance
  }

  choose(usable: (server: number) => boolean): number {
    const servers = [...this.inFlight.keys()].filter(usable)
    const first = this.chance.pick(servers)
    const second = this.chance.pick(servers)
    const chosen = this.inFlight[second]! < this.inFlight[first]! ? second : first
    this.inFlight[chosen]!++
    return chosen
  }

  ended(server: number): void {
    this.inFlight[server]!--
  }
}

/** A chooser, with the library's ejection beside it or without. */
class Plain implements Spreader {
  private readonly chooser: Chooser
  private readonly chance: Chance
  private readonly servers: readonly { readonly outlier: OutlierRecord }[]
  private readonly ejection: Ejection<{ readonly outlier: OutlierRecord }> | undefined

  constructor(servers: number, chooser: Chooser, chance: Chance, ejecting: boolean) {
    this.chooser = chooser
    this.chance = chance
    this.servers = Array.from({ length: servers }, () => ({ outlier: new OutlierRecord() }))
    const settings = resolveEjection()
    if (!ejecting || settings === false) return
    this.ejection = new Ejection(settings, { ejected: () => {}, readmitted: () => {} })
    this.ejection.resize(servers)
  }

  next(now: number): number {
    this.ejection?.look(now, this.chance.next())
    return this.chooser.choose((server) => !this.servers[server]!.outlier.ejected)
  }

  ended(server: number, { failed, connectFailure }: Ending, now: number): void {
    this.chooser.ended(server)
    const endpoint = this.servers[server]!
    if (failed) this.ejection?.failed(endpoint, connectFailure, now, this.chance.next())
    else this.ejection?.succeeded(endpoint, now, this.chance.next())
  }
}

function plain(
  name: string,
  ejecting: boolean,
  chooser: (servers: number, chance: Chance) => Chooser,
): BalanceArm {
  return {
    name,
    spread: (servers, _timeout, chance) => new Plain(servers, chooser(servers, chance), chance, ejecting),
  }
}
