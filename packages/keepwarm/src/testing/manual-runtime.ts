import type { Runtime, Timer } from '../runtime.ts'
import { TimerHeap, type HeapEntry } from './timer-heap.ts'

/** Whatever sets so many timers that are due at once sets them for ever. */
const MOST_AT_ONCE = 10_000

/**
 * A runtime whose clock moves only when told to. Timers fire in order, each at its own moment; chance is a seeded
 * sequence, the same on every machine. For tests of whatever takes a {@link Runtime}.
 *
 * @example
 * const runtime = new ManualRuntime(7)
 * const client = new HttpClient({ runtime, network })
 * const call = client.get('http://orders/7').json()
 * await runtime.run(30_000) // half a minute in no time
 */
export class ManualRuntime implements Runtime {
  private time = 0
  private seed: number
  private readonly timers = new TimerHeap<ManualTimer>()
  private heldTimers = 0
  private firedNow = 0

  /** @param seed of the chance; a whole number. */
  constructor(seed: number = 1) {
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
    const timer = new ManualTimer(this.time + Math.max(0, delay), action, (change) => {
      this.heldTimers += change
    })
    this.timers.push(timer)
    return timer
  }

  /**
   * Moves the clock on by `ms`, firing what falls due on the way at its own moment. Promises do not settle in between:
   * whoever waits for them wants {@link run}.
   * @throws Error when it comes to no end, because timers that are due set others that are due
   */
  advance(ms: number): void {
    const end = this.time + ms
    for (let timer = this.due(end); timer !== undefined; timer = this.due(end)) this.fire(timer)
    this.time = Math.max(this.time, end)
  }

  /**
   * Moves the clock on by `ms`. After every timer all promises settle that can, as they do between real timers. Rejects
   * where {@link advance} throws.
   */
  async run(ms: number): Promise<void> {
    const end = this.time + ms
    await this.settle()
    for (let timer = this.due(end); timer !== undefined; timer = this.due(end)) {
      this.fire(timer)
      await this.settle()
    }
    this.time = Math.max(this.time, end)
  }

  /** Lets all promises settle that can without the clock. */
  settle(): Promise<void> {
    return new Promise((resolve) => void setImmediate(resolve))
  }

  /** The clock jumps by `ms`, as on a machine that was suspended: what was due meanwhile fires late, when it next runs. */
  jump(ms: number): void {
    this.time += ms
  }

  /** How many timers are set. */
  get pending(): number {
    return this.timers.live
  }

  /** How many timers hold the process alive. */
  get holding(): number {
    return this.heldTimers
  }

  private due(end: number): ManualTimer | undefined {
    const first = this.timers.first
    return first !== undefined && first.at <= end ? this.timers.shift() : undefined
  }

  private fire(timer: ManualTimer): void {
    if (timer.at > this.time) this.firedNow = 0
    else if (++this.firedNow > MOST_AT_ONCE) {
      throw new Error(
        `the clock stands still: ${MOST_AT_ONCE} timers fired at once, and set others that are due`,
      )
    }
    this.time = Math.max(this.time, timer.at)
    timer.cancel()
    timer.action()
  }
}

class ManualTimer implements Timer, HeapEntry {
  readonly at: number
  readonly action: () => void
  over = false
  number = 0
  /** @internal */
  heap: TimerHeap<ManualTimer> | undefined
  private held = true
  private readonly count: (change: 1 | -1) => void

  constructor(at: number, action: () => void, count: (change: 1 | -1) => void) {
    this.at = at
    this.action = action
    this.count = count
    count(1)
  }

  cancel(): void {
    if (this.over) return
    this.hold(false)
    this.over = true
    this.heap?.dropped()
  }

  hold(alive: boolean): void {
    if (alive === this.held || this.over) return
    this.held = alive
    this.count(alive ? 1 : -1)
  }
}
