/**
 * A limit that adapts: how many requests may be in flight at once, found by looking at how the answers come. It is a
 * number only. The pool's lane is the gate, and nobody waits here.
 *
 * No timers: a window of samples closes when the next sample comes after its end, so a limiter that nobody uses does
 * nothing. A sample costs a few additions, whatever came before, and allocates nothing.
 */

/**
 * How a request ended: the head of a response came (any status but these); the server said that it is too much (429, or
 * 503 with Retry-After); or there was none (attempt timed out, connection was reset). Whatever says nothing about the
 * server, such as a caller that left, is no sample.
 */
export type SampleOutcome = 'success' | 'overload' | 'lost'

/** One limiter guards what one lane of the pool guards: one origin, or one endpoint group of it. */
export interface Limiter {
  /** Requests that may be in flight at once: a whole number, from `min` to `max`. */
  readonly limit: number

  /**
   * A request is over. Samples that cannot be (not a number, negative, infinite) are left out.
   *
   * @param rtt ms from the first byte of the request that was written to the head of its response, or to its loss. The
   *   time that it stood in our own queue is never in it: a limit would take its own queue for the server's.
   * @param inFlight requests of this lane that were in flight, this one included.
   * @param now ms, on a clock that does not go back.
   * @param random a number in [0, 1); limiters that probe spread their probes with it.
   */
  sample(rtt: number, inFlight: number, outcome: SampleOutcome, now: number, random: number): void
}
