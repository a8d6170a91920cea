/** No permit has this number. */
const FREE = -1

/**
 * The permits of a half-open breaker: a few, each with its own number, so that a result can only ever give back the
 * permit it was sent with, and only once. A permit whose probe has not come back in time is free again.
 */
export class ProbePermits {
  private readonly numbers: number[]
  private readonly dueAt: number[]

  constructor(count: number) {
    this.numbers = Array<number>(count).fill(FREE)
    this.dueAt = Array<number>(count).fill(0)
  }

  hasFree(now: number): boolean {
    return this.freeSlot(now) >= 0
  }

  /** Hands out the permit `number`, until `now + limit`; only when {@link hasFree}. */
  take(number: number, limit: number, now: number): void {
    const slot = this.freeSlot(now)
    this.numbers[slot] = number
    this.dueAt[slot] = now + limit
  }

  /** Does nothing when the permit was given back before, or has gone to another probe since. */
  giveBack(number: number): void {
    const slot = this.numbers.indexOf(number)
    if (slot >= 0) this.numbers[slot] = FREE
  }

  underWay(now: number): number {
    let count = 0
    for (let slot = 0; slot < this.numbers.length; slot++) if (!this.isFree(slot, now)) count++
    return count
  }

  clear(): void {
    this.numbers.fill(FREE)
  }

  private freeSlot(now: number): number {
    for (let slot = 0; slot < this.numbers.length; slot++) if (this.isFree(slot, now)) return slot
    return -1
  }

  private isFree(slot: number, now: number): boolean {
    return this.numbers[slot] === FREE || now >= (this.dueAt[slot] ?? 0)
  }
}
