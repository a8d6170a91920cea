/**
 * Runs things later, exactly: Node's timers count whole milliseconds, too coarse for half of a 1 ms round trip.
 * Far from the moment it sleeps; in the last milliseconds it asks the event loop over and over, which costs this
 * process's CPU time and nobody else's.
 */
export class Delays {
  private readonly items: { readonly due: number; readonly run: () => void }[] = []
  private timer: NodeJS.Timeout | undefined
  private turning = false

  /** Runs at `due`, a moment of `performance.now()`. What is due at the same moment keeps its order. */
  at(due: number, run: () => void): void {
    let index = this.items.length
    while (index > 0 && this.items[index - 1]!.due > due) index--
    this.items.splice(index, 0, { due, run })
    if (index === 0) this.wait()
  }

  private wait(): void {
    clearTimeout(this.timer)
    this.timer = undefined
    const next = this.items[0]
    if (next === undefined || this.turning) return
    const left = next.due - performance.now()
    if (left > 3) {
      this.timer = setTimeout(() => this.wait(), Math.floor(left - 2))
      return
    }
    this.turning = true
    setImmediate(() => this.turn())
  }

  private turn(): void {
    this.turning = false
    const now = performance.now()
    while (this.items.length > 0 && this.items[0]!.due <= now) this.items.shift()!.run()
    this.wait()
  }
}
