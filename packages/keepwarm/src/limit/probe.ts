import type { SampleOutcome } from './limiter.ts'
import { SampleWindow } from './window.ts'

/** Samples that a probe wants: at most, and for each request it lets out; more would keep the limit down for too long. */
const [WANTED, WANTED_EACH] = [150, 20]
/** With fewer successes it tells nothing. */
const LEAST = 20
/** In ms, for the measuring; with slow requests it takes what came by then. */
const LONGEST = 5_000
/** In ms, and in mean times: when the line has not drained by then, it never will. */
const [DRAIN_TIME, DRAIN_MEANS] = [2_000, 10]

/** What {@link Probe.sample} found: it goes on, its window is full, or it came to nothing. */
export type ProbeStage = 'under way' | 'measured' | 'failed'

/** For a short while fewer requests are let out, and those that come back after the line has drained are measured. */
export class Probe {
  readonly window: SampleWindow = new SampleWindow()
  /** The limit while it lasts; 0 when there is none. */
  limit = 0
  /** Mean time when it began, in ms. */
  before = 0
  private since = 0
  private measuresFrom = Infinity

  begin(limit: number, before: number, now: number): void {
    this.limit = limit
    this.before = before
    this.since = now
    this.measuresFrom = Infinity
  }

  end(): void {
    this.limit = 0
  }

  sample(rtt: number, inFlight: number, outcome: SampleOutcome, now: number): ProbeStage {
    if (this.measuresFrom === Infinity) return this.drain(inFlight, now)
    if (now < this.measuresFrom) return 'under way'
    const { window, before, limit } = this
    window.add(rtt, inFlight, outcome, now)
    const age = window.age(now)
    if (age < 2 * before || (window.samples < Math.min(WANTED, WANTED_EACH * limit) && age < LONGEST))
      return 'under way'
    return window.successes >= LEAST && window.badShare <= 0.05 ? 'measured' : 'failed'
  }

  /** When few enough are in flight, those that are there still stood in the line of before. */
  private drain(inFlight: number, now: number): ProbeStage {
    if (inFlight <= this.limit) {
      this.measuresFrom = now + this.before
      this.window.open(this.measuresFrom, this.before)
    } else if (now - this.since > DRAIN_TIME + DRAIN_MEANS * this.before) return 'failed'
    return 'under way'
  }
}
