/**
 * How late the event loop runs: a timer every 100 ms, and by how much it is late. An idle process wakes up for each, so there
 * are few; a block is seen shorter by what was left until the next. (Node's own monitor loses the first interval after each
 * reset, and with it the block that followed a look.) It holds nothing alive, and ends by itself when nobody has looked for
 * two minutes.
 */
import type { Runtime, Timer } from '../runtime.ts'
import type { LoopDelay } from './process-snapshot.ts'
import { QuickQuantiles } from './quick-quantiles.ts'

const INTERVAL = 100
const UNWATCHED = 120_000

export class LoopWatch implements Disposable {
  private readonly runtime: Runtime
  private readonly delays = new QuickQuantiles()
  private timer: Timer | undefined
  private most = 0
  private dueAt = 0
  private lookedAt = 0

  constructor(runtime: Runtime) {
    this.runtime = runtime
  }

  /** The delay since the last look; null for the first one, from which on it watches. */
  look(): LoopDelay | null {
    const { runtime, delays } = this
    const now = runtime.now()
    const isFirst = this.timer === undefined
    this.lookedAt = now
    if (isFirst) this.wait(now)
    // What blocks the loop at this moment is late by now already.
    else this.most = Math.max(this.most, now - this.dueAt)
    const max = this.most
    const loop = {
      p50: Math.min(max, delays.percentile(50)),
      p99: Math.min(max, delays.percentile(99)),
      max,
    }
    delays.clear()
    this.most = 0
    return isFirst ? null : loop
  }

  [Symbol.dispose](): void {
    this.timer?.cancel()
    this.timer = undefined
  }

  private wait(now: number): void {
    this.dueAt = now + INTERVAL
    this.timer = this.runtime.after(INTERVAL, () => this.onTime())
    this.timer.hold(false)
  }

  private onTime(): void {
    const now = this.runtime.now()
    const late = Math.max(0, now - this.dueAt)
    this.delays.add(late)
    this.most = Math.max(this.most, late)
    this.timer = undefined
    if (now - this.lookedAt < UNWATCHED) return this.wait(now)
    this.delays.clear()
    this.most = 0
  }
}
