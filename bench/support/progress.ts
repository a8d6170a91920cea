/** One line on a terminal that tells how far a run is; nothing where stderr is no terminal. */
export class Progress {
  private readonly what: string
  private readonly steps: number
  private readonly shown: boolean = process.stderr.isTTY
  private begun = 0

  constructor(what: string, steps: number) {
    this.what = what
    this.steps = steps
  }

  /** The next step begins. */
  step(name: string): void {
    const percent = Math.floor((100 * this.begun++) / this.steps)
    this.show(`${this.what}  ${String(percent).padStart(3)} %  ${name}`)
  }

  /** So many steps are done, by their own count. */
  at(done: number, name: string): void {
    this.begun = done
    this.step(name)
  }

  done(): void {
    this.show('')
  }

  private show(line: string): void {
    if (this.shown) process.stderr.write(`\r\u001b[K${line.slice(0, (process.stderr.columns ?? 80) - 1)}`)
  }
}
