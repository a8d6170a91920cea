/**
 * Where requests wait: each endpoint group of an origin has a lane of its own, with its own limit and its own queue,
 * so that slow requests to one path cannot starve the others. What belongs to no group has the origin's first lane.
 *
 * Within a lane there is a line for each priority. A step of priority is a head start: a request is served as if it
 * had come {@link HEAD_START} earlier or later. So nobody is passed over for ever, whatever comes.
 *
 * A lane's limit may follow what the server can do. Then a limiter hears how its requests end, and says a number.
 */
import type { Limiter, SampleOutcome } from '../limit/limiter.ts'
import { createLimiter } from '../limit/options.ts'
import type { Origin, Waiter } from './entities.ts'
import { isSameLimiter } from './limiter-options.ts'
import type { LaneLimits } from './limits.ts'
import { WaitLine } from './lists.ts'

/** What one step of priority is worth, in ms of waiting. */
export const HEAD_START = 2_000

/** Index of a line: what is served first, as usual, or last. The names are those of `fetch`. */
export const priorities = { high: 0, auto: 1, low: 2 } as const
export type Priority = keyof typeof priorities
export type PriorityLevel = (typeof priorities)[Priority]

export function isPriority(value: unknown): value is Priority {
  return typeof value === 'string' && Object.hasOwn(priorities, value)
}

export class Lane {
  readonly origin: Origin
  /** Undefined for what belongs to no group. */
  readonly group: string | undefined
  /** As they were set; changed by {@link restrict}. */
  limits: LaneLimits
  /** What makes the limit follow the server; null where it does not. */
  limiter: Limiter | null
  /** Requests that may be in flight at the moment: as many as were set, or fewer by the limiter's word. */
  maxInFlight: number
  /** Requests of the lane that have a connection. */
  inFlight = 0
  /** Requests in its lines. */
  waiting = 0
  /** Requests that were turned away: because too many waited, and because it took too long. */
  queueFull = 0
  acquireTimeouts = 0
  /** Since when there has always been somebody in line. */
  busySince = 0
  /** Those who take only a connection which never served. */
  readonly fresh: WaitLine = new WaitLine()
  private readonly lines: readonly WaitLine[] = [new WaitLine(), new WaitLine(), new WaitLine()]
  /**
   * How many of the fresh line, and of the others, the limit lets go out: the lane's part of the origin's numbers.
   * Those of the fresh line come first; they had their turn already.
   */
  goFresh = 0
  go = 0

  constructor(origin: Origin, group: string | undefined, limits: LaneLimits) {
    this.origin = origin
    this.group = group
    this.limits = limits
    this.limiter = limits.limiter === null ? null : createLimiter(limits.limiter)
    this.maxInFlight = this.most
  }

  private get most(): number {
    const { limiter, limits } = this
    return limiter === null ? limits.maxInFlight : Math.min(limits.maxInFlight, limiter.limit)
  }

  /** Whether fewer may be in flight than was set, because the server cannot do more. */
  get isCut(): boolean {
    return this.maxInFlight < this.limits.maxInFlight
  }

  /** New limits. A limiter with other settings than before begins anew. */
  restrict(limits: LaneLimits): void {
    if (!isSameLimiter(this.limits.limiter, limits.limiter)) {
      this.limiter = limits.limiter === null ? null : createLimiter(limits.limiter)
    }
    this.limits = limits
    this.maxInFlight = this.most
    this.recount()
  }

  /** How one of its requests ended on the wire. True when the limit is another now. */
  learn(rtt: number, outcome: SampleOutcome, now: number, random: number): boolean {
    if (this.limiter === null) return false
    this.limiter.sample(rtt, this.inFlight, outcome, now, random)
    const { most } = this
    if (most === this.maxInFlight) return false
    this.maxInFlight = most
    this.recount()
    return true
  }

  /** Whether its limit lets somebody go out who does not stand in line; `first`: before those of the ordinary lines. */
  admits(first: boolean): boolean {
    return this.inFlight + this.goFresh + (first ? 0 : this.go) < this.maxInFlight
  }

  /** `front`: it had its turn before and lost its connection unused. */
  push(waiter: Waiter, front: boolean, now: number): void {
    if (this.waiting === 0) this.busySince = now
    waiter.rank = front ? -Infinity : now + HEAD_START * waiter.priority
    const line = waiter.fresh ? this.fresh : this.lines[waiter.priority]!
    line.push(waiter, front)
    this.waiting++
    this.origin.waiting++
    this.recount()
  }

  remove(waiter: Waiter): void {
    waiter.line!.remove(waiter)
    this.waiting--
    this.origin.waiting--
    this.recount()
  }

  /** One of its requests was given a connection, or gave it back. */
  count(change: 1 | -1): void {
    this.inFlight += change
    if (this.maxInFlight !== Infinity) this.recount()
  }

  private recount(): void {
    const { origin } = this
    const room = Math.max(0, this.maxInFlight - this.inFlight)
    const goFresh = Math.min(this.fresh.count, room)
    const go = Math.min(this.waiting - this.fresh.count, room - goFresh)
    origin.goFresh += goFresh - this.goFresh
    origin.go += go - this.go
    this.goFresh = goFresh
    this.go = go
  }

  /** Who of the ordinary lines is next, when the limit allows one. `newest`: of the chosen line the last, not the first. */
  next(newest: boolean): Waiter | null {
    if (this.go === 0) return null
    let best: WaitLine | null = null
    for (const line of this.lines) {
      if (line.first !== null && (best === null || line.first.rank < best.first!.rank)) best = line
    }
    if (best === null) return null
    return newest && best.first!.rank !== -Infinity ? best.last : best.first
  }

  /** Who has waited longest. */
  get oldest(): Waiter | null {
    let oldest = this.fresh.first
    for (const { first } of this.lines) {
      if (first !== null && (oldest === null || first.queuedAt < oldest.queuedAt)) oldest = first
    }
    return oldest
  }

  /** Somebody who was in line at this moment already, if anybody is left. */
  earlier(moment: number): Waiter | null {
    const { oldest } = this
    return oldest !== null && oldest.queuedAt <= moment ? oldest : null
  }
}
