/** What each call of the chaos is: decided by chance alone. */
import type { Chance } from '@keepwarm/cli/measuring'
import { faultNames, faults, type Fault, type Place } from './chaos-plan.ts'

/** How a call is made and its answer taken: through an HttpClient, or over a bare ConnectionPool. */
export const clientWays = ['text', 'response', 'discard', 'fetch'] as const
export const poolWays = ['request', 'dispatch', 'leave'] as const
export type Way = (typeof clientWays)[number] | (typeof poolWays)[number]

export interface ChaosCall {
  readonly id: number
  readonly fault: Fault
  readonly place: Place
  readonly method: 'GET' | 'POST' | 'PUT'
  /** A POST with an Idempotency-Key. */
  readonly keyed: boolean
  /** Its body is a stream, which cannot be sent again. */
  readonly streamed: boolean
  readonly way: Way
  /** Of the clients or pools: which one. */
  readonly which: number
  /** From its start to its end, in ms. */
  readonly timeout: number
  /** Further time limits of a call through a client. */
  readonly attemptTimeout: number | undefined
  readonly bodyIdleTimeout: number | undefined
  /** When the caller leaves, in ms: before it begins (-1), in the same turn (0), or later. Undefined: it stays. */
  readonly leavesAfter: number | undefined
}

/** Half of all calls ask for no fault, so that connections are kept and budgets filled. */
export function choose(chance: Chance, id: number): ChaosCall {
  const fault = chance.happens(0.5) ? 'none' : chance.pick(faultNames)
  const method = chance.pick(['GET', 'GET', 'POST', 'POST', 'PUT'] as const)
  const way = chance.happens(0.6) ? chance.pick(clientWays) : chance.pick(poolWays)
  return {
    id,
    fault,
    place: chance.pick<Place>(faults[fault].at),
    method,
    keyed: method === 'POST' && chance.happens(0.5),
    streamed: method !== 'GET' && chance.happens(0.15),
    way,
    which: chance.happens(0.5) ? 0 : 1,
    timeout: way === 'fetch' ? fetchTimeout : chance.between(100, 1_500),
    attemptTimeout: chance.happens(0.4) ? chance.between(50, 400) : undefined,
    bodyIdleTimeout: chance.happens(0.4) ? chance.between(50, 200) : undefined,
    leavesAfter: chance.happens(0.15) ? leaving(chance) : undefined,
  }
}

/** `fetch` takes no time limit of its own: it is the client's. */
export const fetchTimeout = 1_200

function leaving(chance: Chance): number {
  if (chance.happens(0.2)) return -1
  return chance.happens(0.25) ? 0 : chance.between(0, chance.pick([3, 20, 300]))
}
