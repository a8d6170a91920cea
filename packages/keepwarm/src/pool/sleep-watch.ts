import type { Runtime } from '../runtime.ts'

/** How often to look, in ms. */
const LOOK_EVERY = 50
/** The wall clock is corrected now and then; what is more than this, in ms, was a sleep. */
const SLEEP = 2_000

/**
 * Notices that the machine slept. On Linux the clock that measures stands still meanwhile (CLOCK_MONOTONIC), and only
 * the wall clock shows it; so connections would look as if they had rested for a moment, whose servers and routers
 * forgot them long ago. A wall clock that is set ahead by hand looks the same, and does no harm.
 */
export class SleepWatch {
  private readonly runtime: Runtime
  private next = -Infinity
  private difference = Infinity

  constructor(runtime: Runtime) {
    this.runtime = runtime
  }

  /** Whether it slept since this was asked last. Costs one comparison almost always. */
  slept(now: number): boolean {
    if (now < this.next) return false
    this.next = now + LOOK_EVERY
    const difference = this.runtime.wallClock() - now
    const jumped = difference - this.difference > SLEEP
    this.difference = difference
    return jumped
  }
}
