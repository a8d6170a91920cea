import type { Runtime, Timer } from '../runtime.ts'

/** A runtime whose clock moves only when told to; timers fire in order, chance is a seeded sequence. */
export class ManualRuntime implements Runtime {
  private time = 0
  private seed: number
  private timers: ManualTimer[] = []

  constructor(seed = 1) {
    this.seed = seed
  }

  now(): number {
    return this.time
  }

  wallClock(): number {
    return 1_700_000_000_000 + this.time
  }

  /** mulberry32: small, fast, the same on every machine. */
  random(): number {
    this.seed = (this.seed + 0x6d2b79f5) | 0
    let x = Math.imul(this.seed ^ (this.seed >>> 15), 1 | this.seed)
    x = (x + Math.imul(x ^ (x >>> 7), 61 | x)) ^ x
    return ((x ^ (x >>> 14)) >>> 0) / 4_294_967_296
  }

  after(delay: number, action: () => void): Timer {
    const timer = new ManualTimer(this.time + delay, action)
    this.timers.push(timer)
    return timer
  }

  /** Moves the clock on by `ms`, firing what falls due on the way at its own moment. */
  advance(ms: number): void {
    const end = this.time + ms
    for (;;) {
      this.timers = this.timers.filter((timer) => !timer.cancelled)
      const next = this.timers.reduce<ManualTimer | undefined>(
        (soonest, timer) =>
          timer.at <= end && (soonest === undefined || timer.at < soonest.at) ? timer : soonest,
        undefined,
      )
      if (next === undefined) break
      this.time = Math.max(this.time, next.at)
      next.cancelled = true
      next.action()
    }
    this.time = end
  }

  /** How many timers still hold the process alive. */
  get holding(): number {
    return this.timers.filter((timer) => timer.held && !timer.cancelled).length
  }
}

class ManualTimer implements Timer {
  readonly at: number
  readonly action: () => void
  cancelled = false
  held = true

  constructor(at: number, action: () => void) {
    this.at = at
    this.action = action
  }

  cancel(): void {
    this.cancelled = true
  }

  hold(alive: boolean): void {
    this.held = alive
  }
}
