/**
 * Servers with lines before them, in virtual time, and callers who hedge: what hedging is worth at each load, and what
 * it costs. The same settings always come to the same result.
 */
import { EventLine } from './event-line.ts'
import { FleetServers, type Visit } from './fleet-servers.ts'
import type { HedgeOptions } from '../hedge/options.ts'
import { HedgePolicy, type HedgeCounters, type SharedBudget } from '../hedge/policy.ts'
import { mayChange } from '../hedge/refusal.ts'
import type { HedgeFacts } from '../hedge/refusal.ts'

/** Times in ms. */
export interface FleetSettings {
  readonly servers: number
  /** Of each server; Infinity for one that never keeps anybody waiting. */
  readonly workers: number
  /** How long a worker needs; `random` gives numbers in [0, 1). */
  readonly work: (random: () => number) => number
  /** The mean time between two calls; they come at random. */
  readonly every: number
  /** How long calls come. */
  readonly lasts: number
  /** What comes before is not counted in latencies. Default 0. */
  readonly warmUp?: number
  /** Whether a server stops working for those who left. */
  readonly cancels: boolean
  /** A policy of these options; `unlimited` hedges every call after so long; without either nothing is hedged. */
  readonly hedge?: HedgeOptions | { readonly unlimited: number }
  /** Numbers in [0, 1), for the calls: the same ones come, however they are hedged. */
  readonly random: () => number
  /** Numbers in [0, 1), for the hedges. */
  readonly hedgeRandom: () => number
}

export interface FleetResult {
  readonly requests: number
  readonly hedges: number
  /** `hedges` as a share of `requests`. */
  readonly extra: number
  /** Of calls; those not answered in the end count with what they had waited. */
  readonly p50: number
  readonly p99: number
  readonly p999: number
  /** Of the policy, where there is one. */
  readonly counters: HedgeCounters | undefined
  readonly stoodDown: boolean
}

interface Attempt extends Visit {
  readonly call: FleetCall
  readonly sentAt: number
  readonly crowd: number
}

interface FleetCall {
  readonly bornAt: number
  first: Attempt | undefined
  hedge: Attempt | undefined
  over: boolean
}

/** Half of the work takes less than 6.6 ms, a hundredth more than 47, and hardly any a second. */
export function heavyTail(random: () => number): number {
  return Math.min(1_000, 4.67 / Math.sqrt(1 - random()))
}

/** In ms. */
export const heavyTailMean = 9.32

/** Work of about 5 ms, and a hundredth of it 200 to 1000. */
export function stragglers(random: () => number): number {
  return random() < 0.01 ? 200 + 800 * random() : 4 - Math.log(1 - random())
}

/** @example simulateFleet({ servers: 10, workers: 4, work, every: 3, lasts: 30_000, cancels: true, random }).p99 */
export function simulateFleet(settings: FleetSettings): FleetResult {
  return new Fleet(settings).run()
}

const facts: HedgeFacts = {
  mayArriveTwice: true,
  replayable: true,
  responseStarted: false,
  breakerClosed: true,
  limitTight: false,
  poolBusy: false,
  hedges: 0,
  timeLeft: Infinity,
}

/** Everything succeeds here, so the budget of the retries is never empty. */
const ample: SharedBudget = { withdraw: () => true, giveBack: () => {} }

class Fleet {
  private readonly settings: FleetSettings
  private readonly servers: FleetServers<Attempt>
  private readonly policy: HedgePolicy | undefined
  private readonly unlimited: number | undefined
  private readonly alarms = new EventLine<FleetCall>()
  private readonly open = new Set<FleetCall>()
  private readonly latencies: number[] = []
  private out = 0
  private requests = 0
  private hedges = 0

  constructor(settings: FleetSettings) {
    this.settings = settings
    this.servers = new FleetServers(settings.servers, settings.workers, settings.cancels)
    const { hedge } = settings
    const unlimited = hedge !== undefined && 'unlimited' in hedge
    this.unlimited = unlimited ? hedge.unlimited : undefined
    this.policy = hedge === undefined || unlimited ? undefined : new HedgePolicy(hedge)
  }

  run(): FleetResult {
    const { lasts } = this.settings
    let nextCall = this.pause()
    for (;;) {
      const now = Math.min(nextCall, this.servers.nextAt, this.alarms.nextAt)
      if (now > lasts) break
      if (now === this.servers.nextAt) this.answer(now)
      else if (now === this.alarms.nextAt) this.considerHedge(this.alarms.take()!, now)
      else {
        this.begin(now)
        nextCall = now + this.pause()
      }
    }
    for (const call of this.open) this.keep(call, lasts)
    return this.result()
  }

  private pause(): number {
    return -Math.log(1 - this.settings.random()) * this.settings.every
  }

  private begin(now: number): void {
    const call: FleetCall = { bornAt: now, first: undefined, hedge: undefined, over: false }
    this.open.add(call)
    this.requests++
    this.policy?.request()
    const { random, servers } = this.settings
    call.first = this.send(call, Math.floor(random() * servers), random, now)
    this.waitForHedge(call, now)
  }

  private send(call: FleetCall, server: number, random: () => number, now: number): Attempt {
    const work = this.settings.work(random)
    const attempt: Attempt = { call, server, work, place: 'line', sentAt: now, crowd: this.out++ }
    this.servers.enter(attempt, now)
    return attempt
  }

  private waitForHedge(call: FleetCall, now: number): void {
    const delay = this.unlimited ?? this.policy?.delay()
    if (delay !== undefined) this.alarms.add(now + delay, call)
  }

  private considerHedge(call: FleetCall, now: number): void {
    if (call.over || call.first === undefined) return
    const answer = this.policy?.mayHedge(facts, ample, now) ?? true
    if (answer !== true) {
      if (mayChange(answer)) this.waitForHedge(call, now)
      return
    }
    const { servers, hedgeRandom } = this.settings
    const another = Math.floor(hedgeRandom() * (servers - 1))
    this.hedges++
    call.hedge = this.send(call, another + (another >= call.first.server ? 1 : 0), hedgeRandom, now)
  }

  private answer(now: number): void {
    const attempt = this.servers.answer(now)
    if (attempt === undefined) return
    const call = attempt.call
    if (call.over) return
    call.over = true
    this.open.delete(call)
    this.keep(call, now)
    this.end('answered', attempt, now)
    const loser = attempt === call.first ? call.hedge : call.first
    if (loser !== undefined) {
      this.end('broken_off', loser, now)
      this.servers.leave(loser, now)
    }
    if (call.hedge !== undefined) this.policy?.settled(attempt === call.hedge)
  }

  private end(ending: 'answered' | 'broken_off', attempt: Attempt, now: number): void {
    this.out--
    this.policy?.sample(ending, now - attempt.sentAt, attempt.crowd, now)
  }

  private keep(call: FleetCall, now: number): void {
    if (call.bornAt >= (this.settings.warmUp ?? 0)) this.latencies.push(now - call.bornAt)
  }

  private result(): FleetResult {
    const sorted = Float64Array.from(this.latencies).sort()
    const at = (share: number): number => sorted[Math.ceil(sorted.length * share) - 1] ?? NaN
    return {
      requests: this.requests,
      hedges: this.hedges,
      extra: this.hedges / this.requests,
      p50: at(0.5),
      p99: at(0.99),
      p999: at(0.999),
      counters: this.policy?.counters,
      stoodDown: this.policy?.stoodDown ?? false,
    }
  }
}
