import type { Runtime, Timer } from './runtime.ts'

/**
 * One timer for a whole agenda. It may ring early (what it was set for may be gone by then), never late by more
 * than the timer's own millisecond; whoever is rung looks at its agenda and sets the alarm again.
 */
export class Alarm {
  private readonly runtime: Runtime
  private readonly ring: () => void
  private timer: Timer | null = null
  private at = Infinity
  private rings = Infinity

  /** @param ring is told by how much it rings later than it was set for, in ms. */
  constructor(runtime: Runtime, ring: (late: number) => void) {
    this.runtime = runtime
    this.ring = () => {
      this.timer = null
      this.at = Infinity
      ring(this.runtime.now() - this.rings)
    }
  }

  /** Rings at `at` or before. `hold`: whether somebody waits, so that the process must stay alive for it. */
  set(at: number, hold: boolean): void {
    if (at < this.at) {
      this.timer?.cancel()
      this.at = at
      const now = this.runtime.now()
      const delay = Math.max(0, Math.ceil(at - now))
      this.rings = now + delay
      this.timer = this.runtime.after(delay, this.ring)
    }
    this.timer?.hold(hold)
  }

  cancel(): void {
    this.timer?.cancel()
    this.timer = null
    this.at = Infinity
  }
}
