/** No permit has this number. */
const FREE = -1

/**
 * The permits of a half-open breaker: a few, each with its own number, so that a result can only ever give back the
 * permit it was sent with, and only once. A permit whose probe has not come back in time is free again.
 */
export class ProbePermits {
  private readonly numbers: number[]
  private readonly takenAt: number[]
  private readonly timeout: number

  constructor(count: number, timeout: number) {
    this.numbers = Array<number>(count).fill(FREE)
    this.takenAt = Array<number>(count).fill(0)
    this.timeout = timeout
  }

  /** Hands out the permit `number`, unless all are under way. */
  take(number: number, now: number): boolean {
    for (let slot = 0; slot < this.numbers.length; slot++) {
      if (this.numbers[slot] !== FREE && now < (this.takenAt[slot] ?? 0) + this.timeout) continue
      this.numbers[slot] = number
      this.takenAt[slot] = now
      return true
    }
    return false
  }

  /** Does nothing when the permit was given back before, or has gone to another probe since. */
  giveBack(number: number): void {
    const slot = this.numbers.indexOf(number)
    if (slot >= 0) this.numbers[slot] = FREE
  }

  clear(): void {
    this.numbers.fill(FREE)
  }
}
