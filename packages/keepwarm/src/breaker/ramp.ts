/** What is let in at once. */
const LEAST_SHARE = 0.1

/** Ten times a tenth is a little less than 1 in binary. */
const ROUNDING = 1e-9

/**
 * The time after a breaker has closed: the server is not hit by everybody at once. The share that may go grows from a
 * tenth to everything. There is no chance in it: each call that comes pays the share of that moment into a credit,
 * and a whole one lets a call go. When none is under way the next may always go, so that a client with few calls
 * does not notice.
 */
export class Ramp {
  private readonly length: number
  private since = -Infinity
  private credit = 0
  private underWay = 0

  /** @param length milliseconds until everything may go; 0 for at once. */
  constructor(length: number) {
    this.length = length
  }

  /** The breaker has just closed. What was under way before belongs to another time. */
  begin(now: number): void {
    this.since = now
    this.credit = this.underWay = 0
  }

  /** Everything may go, at once. */
  skip(): void {
    this.begin(-Infinity)
  }

  /** The share of calls that may go now, from 0.1 to 1. */
  share(now: number): number {
    const elapsed = now - this.since
    return elapsed >= this.length ? 1 : Math.max(LEAST_SHARE, elapsed / this.length)
  }

  /** Whether a call that came now could go. */
  lets(now: number): boolean {
    const share = this.share(now)
    return share === 1 || this.underWay === 0 || this.credit + share >= 1 - ROUNDING
  }

  /** A call goes that {@link lets} has allowed. */
  take(now: number): void {
    this.underWay++
    const share = this.share(now)
    if (share < 1) this.credit = Math.max(0, this.credit + share - 1)
  }

  /** A call came and could not go. */
  turnAway(now: number): void {
    this.credit = Math.min(1, this.credit + this.share(now))
  }

  /** A call that went has come back. */
  leave(): void {
    this.underWay = Math.max(0, this.underWay - 1)
  }

  /** A call that was let go never went out; another may, in its place. */
  refund(now: number): void {
    if (this.share(now) < 1) this.credit = 1
  }

  /** How long it has been under way, in ms; undefined when there is none, or it is over. */
  elapsed(now: number): number | undefined {
    return this.share(now) === 1 ? undefined : Math.max(0, now - this.since)
  }

  /** As it was when {@link elapsed} and `credit` were read. */
  restore(elapsed: number, credit: number, now: number): void {
    this.begin(now - elapsed)
    this.credit = credit
  }

  get saved(): number {
    return this.credit
  }
}
