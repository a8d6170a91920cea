import { MovingQuantile } from './quantile.ts'

/** Requests sent into a crowd take this many times as long as others: they stand in line somewhere. */
const STRAINED = 1.3
/** Below this they do not, when it has not been more than that for a while. Between the two it stays as it was. */
const RELAXED = 1.2
/** Half of all requests take this many times as long as they did in the best of times: nobody would hedge into that. */
const SLOW = 2
/** They are well again, after the same while. */
const WELL = 1.6
/** In ms: by then the best of times are taken to have been twice as slow. What has become slower for good, is usual. */
const FORGOTTEN_BY_HALF = 300_000
/** In ms, of the median that is held against the best of times. */
const RECENT = 2_000
/** The while, in ms: lines come and go by chance, and a line that is gone for a second is not gone. */
const HOLD = 30_000
/** On each side, before anything is said. */
const MINIMUM = 200
/** Nothing is said before it has watched for so long, in ms: some lines form slowly. */
const WATCH = 2_000
/** In ms. Load comes and goes faster than latencies change. */
const HALF_LIFE = 10_000

/**
 * Whether requests wait for each other at the server, seen from the client, without knowing what the server can bear.
 *
 * Two signs, because each is blind somewhere. Where there is room, a request takes as long in a crowd as alone; where
 * there is none, it stands in line, and the more are out, the longer. So two medians are kept: of requests that were
 * sent while more than usual were out, and of the others. It needs no memory of better times, but a line that only
 * ever grows, or a crowd that is mostly other clients', shows little in it. So the median of all is also held against
 * the best it has been. What has become slower for good is taken for strain until the best is forgotten: some minutes.
 * Medians, because a few slow answers shall not look like a line.
 *
 * Hedges help against stragglers. Against a line they only make it longer.
 */
export class Strain {
  private readonly inCrowd = new MovingQuantile({ quantile: 0.5, minimum: MINIMUM, halfLife: HALF_LIFE })
  private readonly others = new MovingQuantile({ quantile: 0.5, minimum: MINIMUM, halfLife: HALF_LIFE })
  private readonly crowds = new MovingQuantile({ quantile: 0.5, minimum: MINIMUM, halfLife: HALF_LIFE })
  private readonly all = new MovingQuantile({ quantile: 0.5, minimum: MINIMUM, halfLife: RECENT })
  private best = Infinity
  private lastAt = 0
  private strained = false
  private lastStrained = -Infinity
  private firstAt = Infinity

  /**
   * @param crowd how many attempts were out to this origin when this one was sent.
   * @param brokenOff whether it was not answered, so that `elapsed` is what it took at least.
   */
  add(elapsed: number, crowd: number, brokenOff: boolean, now: number): void {
    if (this.firstAt > now) this.firstAt = now
    this.compare(elapsed, brokenOff, now)
    this.crowds.add(crowd, now)
    const usual = this.crowds.value
    if (usual === undefined) return
    const side = crowd > Math.round(usual) ? this.inCrowd : this.others
    if (brokenOff) side.addAtLeast(elapsed, now)
    else side.add(elapsed, now)
    this.judge(now)
  }

  /**
   * Whether it has seen enough, and for long enough, to tell. Where hardly any request meets another there is never a
   * crowd, and no line that this client could make longer.
   */
  isKnown(now: number): boolean {
    return this.crowds.samples >= 2 * MINIMUM && now - this.firstAt >= WATCH
  }

  get isHigh(): boolean {
    return this.strained
  }

  /** How many times as long requests take in a crowd; 1 while too little is known. */
  get ratio(): number {
    const [inCrowd, others] = [this.inCrowd.value, this.others.value]
    return inCrowd === undefined || others === undefined ? 1 : inCrowd / others
  }

  /** How many times as long as in the best of times half of the requests take; 1 while too little is known. */
  private get slowness(): number {
    const median = this.all.value
    return median === undefined ? 1 : median / this.best
  }

  private compare(elapsed: number, brokenOff: boolean, now: number): void {
    if (brokenOff) this.all.addAtLeast(elapsed, now)
    else this.all.add(elapsed, now)
    const passed = Math.max(0, now - this.lastAt)
    this.lastAt = Math.max(now, this.lastAt)
    this.best = Math.min(
      this.all.value ?? Infinity,
      this.best * (1 + (passed * Math.LN2) / FORGOTTEN_BY_HALF),
    )
  }

  private judge(now: number): void {
    const { ratio, slowness } = this
    if (ratio >= STRAINED || slowness >= SLOW) {
      this.strained = true
      this.lastStrained = now
    } else if (ratio <= RELAXED && slowness <= WELL && now - this.lastStrained >= HOLD) this.strained = false
  }
}
