/** For how long requests hold their connections, now and usually: slow services and many calls look alike without it. */
import type { ClientDone } from './client-case.ts'
import { mean, share } from './counted.ts'
import type { OriginCase } from './origin-case.ts'
import { USUAL_SAMPLES } from './thresholds.ts'

export interface Use {
  /** How long a request holds its connection, in ms; 0 when none has given one back. */
  readonly now: number
  /** The same before the window; undefined when too little is known of it. */
  readonly usual: number | undefined
  /** Calls a second, now and before the window. */
  readonly rate: number
  readonly usualRate: number | undefined
}

export function useOf(one: OriginCase): Use {
  const { done, usual, clients } = one
  const rateOf = (each: ClientDone | null): number =>
    each === null ? 0 : share(each.started, each.ms / 1_000)
  const rate = clients.reduce((all, client) => all + rateOf(client.done), 0)
  const usualRate = clients.reduce((all, { usual: before }) => all + rateOf(before), 0)
  const isKnown = clients.some(({ usual: before }) => (before?.started ?? 0) >= USUAL_SAMPLES)
  return {
    now: Math.max(mean(done.use.total, done.use.count), stuck(one)),
    usual:
      usual !== null && usual.use.count >= USUAL_SAMPLES ? mean(usual.use.total, usual.use.count) : undefined,
    rate: clients.length === 0 ? share(done.requests, done.ms / 1_000) : rate,
    usualRate: isKnown ? usualRate : undefined,
  }
}

/**
 * What holds a connection now has not given it back, and is in no mean: where a service hangs there is nothing else.
 * When all connections were in use all the time, that time is shared by the requests that were served.
 */
function stuck({ now, before, done, holders }: OriginCase): number {
  const wasFull = before !== undefined && before.waiting > 0 && now.waiting > 0
  const byCount = wasFull ? (now.inFlight * done.ms) / Math.max(1, done.use.count) : 0
  const held = holders.map(({ heldFor }) => heldFor).sort((a, b) => a - b)
  // They are those that hold one longest: the middle one of them is no exception.
  return Math.max(byCount, held[Math.floor(held.length / 2)] ?? 0)
}
