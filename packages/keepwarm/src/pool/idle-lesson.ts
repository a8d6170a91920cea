/**
 * Learns how long a server keeps idle connections, from when it closes them. One close says nothing (a restart closes
 * everything at once); two that happened at different times and after about the same rest say it.
 */

/** Rests that began closer together than this are one observation, in ms. */
const SAME_MOMENT = 250
/** Two rests agree when they differ by less than this share, or by less than this many ms. */
const AGREE_SHARE = 0.15
const AGREE_MS = 100
/** A lesson is put to the test again after this time, in ms: servers are reconfigured. */
const FORGET_AFTER = 600_000

export class IdleLesson {
  private rest = NaN
  private restBegan = -Infinity
  private learned = Infinity
  private learnedAt = 0
  private lastClose = -Infinity
  /** How often it closed one, after how long in all, in ms, and at how many moments: a restart is one. */
  readonly closes = { count: 0, restTotal: 0, moments: 0 }

  /** The server closed a connection at `now` that had been idle since `idleSince`. */
  observe(idleSince: number, now: number): void {
    const rest = now - idleSince
    this.count(rest, now)
    if (Math.abs(idleSince - this.restBegan) < SAME_MOMENT) return
    if (Math.abs(rest - this.rest) <= Math.max(AGREE_MS, AGREE_SHARE * Math.min(rest, this.rest))) {
      this.learned = Math.min(rest, this.rest)
      this.learnedAt = now
    }
    this.rest = rest
    this.restBegan = idleSince
  }

  /** It was closed after such a rest, in ms; nothing is learned from that where a request was on its way. */
  count(rest: number, now: number): void {
    this.closes.count++
    this.closes.restTotal += rest
    if (now - this.lastClose >= SAME_MOMENT) this.closes.moments++
    this.lastClose = now
  }

  /** How long a connection may rest before the server is expected to close it, in ms; Infinity when nothing is known. */
  limit(now: number): number {
    if (now - this.learnedAt > FORGET_AFTER) this.learned = Infinity
    return this.learned
  }
}
