import { performance } from 'node:perf_hooks'

/**
 * The only door to time and chance. Everything in the house that needs a clock, a timer or a random number
 * asks a {@link Runtime}; tests and the simulator bring their own.
 */
export interface Runtime {
  /** Milliseconds on a clock that never jumps; only differences mean anything. */
  now(): number
  /** Milliseconds since 1970, for what people read, and to notice that the machine slept. Never used to measure. */
  wallClock(): number
  /** A number in [0, 1). */
  random(): number
  /**
   * Calls `action` once, `delay` ms from now, unless cancelled; a delay of more than 25 days may end sooner. Holds the
   * process alive until `hold(false)`.
   */
  after(delay: number, action: () => void): Timer
}

export interface Timer {
  cancel(): void
  /** Whether this timer alone keeps the process alive. */
  hold(alive: boolean): void
}

/** Node's timers cannot wait longer (25 days), and would ring at once when asked to. */
const LONGEST_TIMER = 2 ** 31 - 1

class RealTimer implements Timer {
  private readonly timeout: NodeJS.Timeout
  private held = true

  constructor(delay: number, action: () => void) {
    this.timeout = setTimeout(action, Math.min(Math.max(0, delay), LONGEST_TIMER))
  }

  cancel(): void {
    clearTimeout(this.timeout)
  }

  hold(alive: boolean): void {
    if (alive === this.held) return
    this.held = alive
    if (alive) this.timeout.ref()
    else this.timeout.unref()
  }
}

const NONE = -1
let moment: number = NONE

/**
 * What `act` does, all that it sets off before it returns included, happens at one moment of the machine's clock: an answer
 * that came in one piece began and ended when it came, whatever time its reader takes. (It is also four readings less.)
 */
export function inOneMoment<T>(act: (it: T) => void, it: T): void {
  if (moment !== NONE) return act(it)
  moment = performance.now()
  try {
    act(it)
  } finally {
    moment = NONE
  }
}

/** The machine's own clock, timers and chance. (The global `performance` is a getter that costs as much as the clock.) */
export const realRuntime: Runtime = {
  now: () => (moment === NONE ? performance.now() : moment),
  wallClock: () => Date.now(),
  random: () => Math.random(),
  after: (delay, action) => new RealTimer(delay, action),
}

/** When the event loop has gone round. That is an order of events and no time: it is the same for every runtime. */
export function afterThisTurn(action: () => void): void {
  setImmediate(action)
}
