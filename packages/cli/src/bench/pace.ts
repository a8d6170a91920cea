/** When requests are due. */

/** A request that goes out this much after it was due, in ms, is on time: timers are no more exact than that. */
const ON_TIME = 2

/** How requests of a round follow each other. */
export interface Pace {
  /** Requests in the round; Infinity for as many as fit. */
  readonly requests: number
  /** Between two that are due, in ms; 0 for as soon as somebody is free. */
  readonly every: number
  /**
   * Whether they are due whether or not the server keeps up: their latency is then counted from there, so that a server
   * that stands still has all those to answer for that could not be sent meanwhile.
   */
  readonly open: boolean
}

/** Who goes when. */
export class Timetable {
  private readonly pace: Pace
  private taken = 0
  private nextDue = 0

  constructor(pace: Pace) {
    this.pace = pace
  }

  /**
   * Takes a turn: when it is due, in ms from the start of the round; undefined when there are no more.
   * @param now in ms from the start of the round
   */
  take(now: number): number | undefined {
    const { requests, every, open } = this.pace
    if (this.taken >= requests) return undefined
    this.taken++
    // Who must only not be faster than that makes up for nothing.
    const due = open ? this.nextDue : Math.max(this.nextDue, now)
    this.nextDue = due + every
    return due
  }

  /** Requests of the round that nobody took. */
  get left(): number {
    return Number.isFinite(this.pace.requests) ? this.pace.requests - this.taken : 0
  }

  /** From when on the latency of a request counts that was due then and is sent now. */
  from(due: number, now: number): number {
    return this.pace.open && now - due > ON_TIME ? due : now
  }
}
