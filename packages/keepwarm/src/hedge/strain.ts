import { MovingQuantile } from './quantile.ts'

/** Requests sent into a crowd take this many times as long as others: they stand in line somewhere. */
const STRAINED = 1.3
/** Below this they do not, when it has not been more than that for a while. Between the two it stays as it was. */
const RELAXED = 1.2
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
 * Where there is room, a request takes as long in a crowd as alone. Where there is none, it stands in line, and the
 * more are out, the longer. So two medians are kept: of requests that were sent while more than usual were out, and of
 * the others. Two medians of the same service drift together when the service itself becomes slower; only when
 * they part is it the load. Medians, because a few slow answers shall not look like a line.
 *
 * When a service changes all at once, one of the medians is a few samples ahead of the other; that, too, is taken for
 * strain, for a while. Seen by one of many clients, the crowd is only its own, and a line shows less.
 *
 * Hedges help against stragglers. Against a line they only make it longer.
 */
export class Strain {
  private readonly inCrowd = new MovingQuantile({ quantile: 0.5, minimum: MINIMUM, halfLife: HALF_LIFE })
  private readonly others = new MovingQuantile({ quantile: 0.5, minimum: MINIMUM, halfLife: HALF_LIFE })
  private readonly crowds = new MovingQuantile({ quantile: 0.5, minimum: MINIMUM, halfLife: HALF_LIFE })
  private strained = false
  private lastStrained = -Infinity
  private firstAt = Infinity

  /**
   * @param crowd how many attempts were out to this origin when this one was sent.
   * @param brokenOff whether it was not answered, so that `elapsed` is what it took at least.
   */
  add(elapsed: number, crowd: number, brokenOff: boolean, now: number): void {
    if (this.firstAt > now) this.firstAt = now
    this.crowds.add(crowd, now)
    const usual = this.crowds.value
    if (usual === undefined) return
    const side = crowd > Math.round(usual) ? this.inCrowd : this.others
    if (brokenOff) side.addAtLeast(elapsed, now)
    else side.add(elapsed, now)
    const { ratio } = this
    if (ratio >= STRAINED) {
      this.strained = true
      this.lastStrained = now
    } else if (ratio <= RELAXED && now - this.lastStrained >= HOLD) this.strained = false
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
}
