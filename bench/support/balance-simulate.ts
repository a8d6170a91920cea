/** Servers in virtual time, of which one falls ill for a while: who still gets an answer in time? */
import { Chance } from '@keepwarm/cli/measuring'
import type { BalanceArm, Ending } from './balance-arms.ts'

/** What the ill one does meanwhile. */
export type Illness = 'slow' | 'failing' | 'dead' | 'none'

export interface BalancePlan {
  readonly servers: number
  /** Requests a second, in all. */
  readonly rate: number
  readonly seconds: number
  /** Half of the answers come sooner, in ms. */
  readonly median: number
  /** How long it takes when it is slow, in ms. */
  readonly slow: number
  /** A request that takes longer is given up, in ms. */
  readonly timeout: number
  readonly illness: Illness
  /** When it begins, and when it ends, as shares of the time. */
  readonly ill: readonly [number, number]
  /** The share of requests that fail anywhere at any time. */
  readonly noise: number
}

export interface BalanceSample {
  readonly requests: number
  /** Those that were answered in time. */
  readonly answered: number
  /** How many requests each server got while none was ill. */
  readonly spread: readonly number[]
  /** How many the ill one got while it was. */
  readonly sentToIll: number
}

/** The server that falls ill. */
const illServer = 0
/** How long it takes to fail at once, in ms. */
const atOnce = 1

/** The load and the illness depend on the seed alone; so do all chances of the spreading. */
export function simulateBalance(arm: BalanceArm, plan: BalancePlan, seed: number): BalanceSample {
  const load = new Chance(seed)
  const spreader = arm.spread(plan.servers, plan.timeout, new Chance(seed + 0x5eed))
  const endings = new Endings()
  const end = plan.seconds * 1_000
  const [illFrom, illUntil] = [plan.ill[0] * end, plan.ill[1] * end]
  const spread = Array.from({ length: plan.servers }, () => 0)
  let [requests, answered, sentToIll] = [0, 0, 0]
  for (let now = gap(load, plan.rate); now < end; now += gap(load, plan.rate)) {
    for (let over = endings.until(now); over !== undefined; over = endings.until(now)) {
      spreader.ended(over.server, over.ending, over.at)
    }
    const server = spreader.next(now)
    const ill = plan.illness !== 'none' && now >= illFrom && now < illUntil
    const ending = endingOf(plan, ill && server === illServer, load)
    endings.add({ at: now + ending.took, server, ending })
    requests++
    if (!ending.failed) answered++
    if (!ill) spread[server]!++
    else if (server === illServer) sentToIll++
  }
  return { requests, answered, spread, sentToIll }
}

/** Always takes the same chances, so that each load is the same for all arms. */
function endingOf(plan: BalancePlan, ill: boolean, load: Chance): Ending {
  const latency = plan.median * Math.exp(0.25 * normal(load))
  const noisy = load.happens(plan.noise)
  if (ill && plan.illness === 'dead') return { failed: true, connectFailure: true, took: atOnce }
  if (ill && plan.illness === 'failing') return { failed: true, connectFailure: false, took: atOnce }
  if (noisy) return { failed: true, connectFailure: false, took: atOnce }
  const took = ill ? plan.slow : latency
  return { failed: took > plan.timeout, connectFailure: false, took: Math.min(took, plan.timeout) }
}

/** Between two requests that come independently of each other, in ms. */
function gap(load: Chance, rate: number): number {
  return (-Math.log(1 - load.next()) / rate) * 1_000
}

function normal(load: Chance): number {
  return Math.sqrt(-2 * Math.log(1 - load.next())) * Math.cos(2 * Math.PI * load.next())
}

interface Over {
  readonly at: number
  readonly server: number
  readonly ending: Ending
}

/** What will end, the soonest first: a binary heap. */
class Endings {
  private readonly heap: Over[] = []

  add(over: Over): void {
    let place = this.heap.push(over) - 1
    while (place > 0) {
      const above = (place - 1) >> 1
      if (this.heap[above]!.at <= over.at) break
      this.heap[place] = this.heap[above]!
      place = above
    }
    this.heap[place] = over
  }

  /** The next that is over by then. */
  until(now: number): Over | undefined {
    const first = this.heap[0]
    if (first === undefined || first.at > now) return undefined
    const last = this.heap.pop()!
    if (this.heap.length > 0) this.sink(last)
    return first
  }

  private sink(over: Over): void {
    let place = 0
    for (;;) {
      let below = 2 * place + 1
      if (below >= this.heap.length) break
      if (below + 1 < this.heap.length && this.heap[below + 1]!.at < this.heap[below]!.at) below++
      if (this.heap[below]!.at >= over.at) break
      this.heap[place] = this.heap[below]!
      place = below
    }
    this.heap[place] = over
  }
}
