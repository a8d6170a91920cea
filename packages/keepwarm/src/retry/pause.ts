/** Longer than this nobody is left alone on the word of one answer. */
const LONGEST = 60_000

/**
 * Until when an origin has asked to be left alone. A 503 with `Retry-After` speaks for the whole origin; a 429 speaks
 * for the caller that sent too much, and is not listened to here. The latest moment that was asked for holds: answers
 * overtake each other, and one that asks for less may be the older one.
 *
 * @example
 * pause.answered(503, retryAfter, now)
 * const wait = pause.remaining(now) // 0 when the origin may be called
 */
export class OriginPause {
  private readonly longest: number
  private until = -Infinity

  /** @param longest the most that an answer can ask for, in ms. */
  constructor(longest: number = LONGEST) {
    this.longest = longest
  }

  /** @param retryAfter the wait that the answer asks for, in ms; undefined for none. */
  answered(status: number, retryAfter: number | undefined, now: number): void {
    if (status !== 503 || retryAfter === undefined) return
    this.until = Math.max(this.until, now + Math.min(retryAfter, this.longest))
  }

  /** The moment until which it asked to be left alone; undefined when that is over, or it never did. */
  pausedUntil(now: number): number | undefined {
    return now < this.until ? this.until : undefined
  }

  /** Milliseconds until then, 0 when it may be called. */
  remaining(now: number): number {
    return Math.max(0, this.until - now)
  }

  /** It may be called at once, whatever it asked for: it serves again. */
  lift(): void {
    this.until = -Infinity
  }
}
