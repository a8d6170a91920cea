/**
 * How late a timer rang that runs anyway, lately: a sign that our own event loop was held up, which costs nothing. It is
 * seldom asked for what it rang, so that it knows the worst and nothing of how it usually is.
 */
import type { LoopDelay } from './process-snapshot.ts'

/** What is older than two of these, in ms, is forgotten; what is younger than one is not. */
const TURN = 10_000

export class Lateness {
  private turn = 0
  private most = 0
  private mostBefore = 0

  add(late: number, now: number): void {
    this.turnTo(now)
    if (late > this.most) this.most = late
  }

  seen(now: number): LoopDelay {
    this.turnTo(now)
    const max = Math.max(this.most, this.mostBefore)
    return { p50: 0, p99: max, max }
  }

  private turnTo(now: number): void {
    const turn = Math.floor(now / TURN)
    if (turn === this.turn) return
    this.mostBefore = turn === this.turn + 1 ? this.most : 0
    this.most = 0
    this.turn = turn
  }
}
