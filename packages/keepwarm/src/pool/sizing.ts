/**
 * How many connections an origin should have, by what it needed: the highest need of the last `window`, and some
 * more, so that the next request need not wait for a dial. It grows at once with the need and shrinks by one at a
 * time, one for each {@link STEPS}th part of the window. Pure.
 *
 *     need     requests in flight and in line
 *     wanted   peak of the need over the window ÷ requests that one connection serves at once × headroom,
 *              rounded up, from floor to ceiling
 *
 * The window is kept in steps, of each the highest need; so a peak is forgotten after one window and one step at most.
 */
export interface SizingOptions {
  /** The least connections, while the window has seen a need. */
  readonly floor: number
  /** What is wanted for each connection that is needed: 1.25 is a quarter more. */
  readonly headroom: number
  /** How long a peak is remembered, in ms. */
  readonly window: number
}

const STEPS = 12

export class Sizing {
  private readonly options: SizingOptions
  /** Of a step, in ms. */
  private readonly width: number
  private readonly peaks: number[] = new Array<number>(STEPS).fill(0)
  /** The step that `peaks[step % STEPS]` belongs to. */
  private step = -Infinity
  private current = 0
  /** Requests that one connection serves at once. */
  private perConnection = 1

  constructor(options: SizingOptions) {
    this.options = options
    this.width = Math.max(1, Math.round(options.window / STEPS)) // whole, so that a step's end is in the next one
  }

  /** Connections wanted, before any ceiling. */
  get wanted(): number {
    return this.current
  }

  /** When {@link advance} may change what is wanted; Infinity when only another need can. */
  get next(): number {
    return this.current === 0 ? Infinity : (this.step + 1) * this.width
  }

  /**
   * One connection turned out to serve so many requests at once: what was needed before is seen in this light. True when
   * that changes how many are wanted.
   */
  serve(requests: number): boolean {
    if (requests === this.perConnection || requests < 1) return false
    this.perConnection = requests
    const before = this.current
    this.current = this.aim(Math.max(...this.peaks))
    return this.current !== before
  }

  /** So many requests are in flight or in line. */
  observe(need: number, now: number): void {
    this.advance(now)
    const at = this.step % STEPS
    if (need <= this.peaks[at]!) return
    this.peaks[at] = need
    this.current = Math.max(this.current, this.aim(need))
  }

  /** Time went by. */
  advance(now: number): void {
    const step = Math.floor(now / this.width)
    if (step <= this.step) return
    for (let passed = Math.max(this.step + 1, step - STEPS + 1); passed <= step; passed++) this.begin(passed)
    this.step = step
  }

  /** A step begins: what was needed a window ago is forgotten, and one connection less may be wanted. */
  private begin(step: number): void {
    this.peaks[step % STEPS] = 0
    this.current = Math.max(this.current - 1, this.aim(Math.max(...this.peaks)))
  }

  private aim(need: number): number {
    return need === 0
      ? 0
      : Math.max(this.options.floor, Math.ceil((need / this.perConnection) * this.options.headroom))
  }
}
