/** The pool's core alone under a day's load, in virtual time: how many connections it holds, how long requests wait. */
import { Alarm } from '../alarm.ts'
import { PoolCore } from '../pool/core.ts'
import { Waiter } from '../pool/entities.ts'
import { defaultLimits, type PoolLimits } from '../pool/limits.ts'
import { ManualRuntime } from './manual-runtime.ts'

/** When requests come, and how long the server takes for each, in ms: made once and the same for every pool. */
export interface Load {
  readonly lasts: number
  readonly arrivals: readonly number[]
  readonly services: readonly number[]
}

export interface DayOptions {
  readonly limits?: Partial<PoolLimits>
  /** Connections that are kept whatever is needed. Default 0. */
  readonly minimum?: number
  /** Until a connection is open, in ms. */
  readonly dialTakes: number
}

/** What came of a day. Times in ms. */
export interface DayResult {
  /** Connections on average, dials among them, and the most at once. */
  readonly held: number
  readonly most: number
  /** Connections at its end. */
  readonly left: number
  readonly meanWait: number
  readonly p99: number
  readonly p999: number
  /** Share of the requests that waited at all. */
  readonly waited: number
  /** Requests that got no connection. */
  readonly refused: number
  readonly dials: number
}

/**
 * From nearly nothing up to `peak` requests a second and down again, then a tenth of the day at night; in the day five
 * bursts of half of the peak on top, each a hundredth of it. Poisson arrivals; half of the requests take more than 50 ms,
 * one in a hundred more than 160.
 */
export function dayOfLoad(seed: number, lasts: number, peak: number): Load {
  const chance = new ManualRuntime(seed)
  const random = (): number => chance.random()
  const bursts = Array.from({ length: 5 }, () => 0.85 * random())
  const share = (moment: number): number =>
    0.03 +
    Math.sin(Math.PI * Math.min(1, moment / 0.9)) ** 2 +
    (bursts.some((at) => moment >= at && moment < at + 0.01) ? 0.5 : 0)
  const arrivals: number[] = []
  const services: number[] = []
  // Candidates come at the greatest rate there is; each is taken with the chance that its own moment gives it.
  const gap = (): number => (-Math.log(1 - random()) * 1_000) / (peak * 1.53)
  for (let now = gap(); now < lasts; now += gap()) {
    if (random() >= share(now / lasts) / 1.53) continue
    arrivals.push(now)
    services.push(
      50 * Math.exp((Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())) / 2),
    )
  }
  return { lasts, arrivals, services }
}

class Guest extends Waiter {
  readonly takes: number
  constructor(takes: number) {
    super()
    this.takes = takes
  }
}

/** Every request that is refused counts with all it may wait. */
const PATIENCE = 5_000

export function spendDay(load: Load, { limits, minimum = 0, dialTakes }: DayOptions): DayResult {
  const day = new Day(load, { ...defaultLimits, ...limits }, dialTakes)
  return day.spend(minimum)
}

class Day {
  private readonly load: Load
  private readonly core: PoolCore<Guest>
  private readonly dialTakes: number
  private readonly runtime = new ManualRuntime(1)
  private readonly alarm: Alarm
  private readonly waits: number[] = []
  private refused = 0
  private dials = 0
  private most = 0
  /** Connections × ms so far, and since when there are as many as there are. */
  private area = 0
  private open = 0
  private since = 0

  constructor(load: Load, limits: PoolLimits, dialTakes: number) {
    this.load = load
    this.core = new PoolCore<Guest>(limits)
    this.dialTakes = dialTakes
    this.alarm = new Alarm(this.runtime, () => this.then(() => this.core.tick(this.now)))
  }

  spend(minimum: number): DayResult {
    const { core, load, waits } = this
    if (minimum > 0) this.then(() => core.maintain(core.origin('a'), minimum, 0))
    this.arrive(0)
    this.runtime.advance(load.lasts)
    this.count()
    waits.sort((a, b) => a - b)
    const at = (share: number): number => waits[Math.ceil(waits.length * share) - 1] ?? 0
    return {
      held: this.area / load.lasts,
      most: this.most,
      left: core.open,
      meanWait: waits.reduce((sum, wait) => sum + wait, 0) / waits.length,
      p99: at(0.99),
      p999: at(0.999),
      waited: waits.filter((wait) => wait > 0).length / waits.length,
      refused: this.refused,
      dials: this.dials,
    }
  }

  private get now(): number {
    return this.runtime.now()
  }

  private arrive(index: number): void {
    const { arrivals, services } = this.load
    const at = arrivals[index]
    if (at === undefined) return
    this.runtime.after(at - this.now, () => {
      const { core } = this
      const guest = new Guest(services[index]!)
      this.then(() => core.acquire(guest, core.origin('a').lane, this.now + PATIENCE, this.now))
      this.arrive(index + 1)
    })
  }

  /** Something happens to the core, and its orders are carried out. */
  private then(event: () => void): void {
    event()
    const { core, runtime, dialTakes } = this
    while (core.opens.length + core.closes.length + core.leases.length > 0) {
      for (const slot of core.opens.splice(0)) {
        this.dials++
        runtime.after(dialTakes, () => this.then(() => core.opened(slot, 1, this.now, runtime.random())))
      }
      for (const slot of core.closes.splice(0))
        runtime.after(0, () => this.then(() => core.closed(slot, this.now)))
      for (const guest of core.leases.splice(0)) this.serve(guest)
    }
    for (const _ of core.refusals.splice(0)) {
      this.refused++
      this.waits.push(PATIENCE)
    }
    if (core.open !== this.open) this.count()
    if (core.wakeAt !== Infinity) this.alarm.set(core.wakeAt, false)
  }

  private serve(guest: Guest): void {
    const { core, runtime } = this
    const slot = guest.slot!
    this.waits.push(this.now - guest.queuedAt)
    core.dispatched(slot, false, this.now)
    runtime.after(guest.takes, () =>
      this.then(() => {
        core.released(guest, this.now)
        core.drained(slot, this.now)
      }),
    )
  }

  private count(): void {
    this.area += this.open * (this.now - this.since)
    this.since = this.now
    this.open = this.core.open
    this.most = Math.max(this.most, this.open)
  }
}
