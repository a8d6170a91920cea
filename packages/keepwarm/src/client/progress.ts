/** How far a body is, in bytes on the wire. */
export interface Progress {
  readonly transferred: number
  /** Undefined where only the end will tell. */
  readonly total: number | undefined
  /** From 0 to 1; undefined while the total is. */
  readonly percent: number | undefined
  /** Of which attempt, numbered from 1: each begins at 0. */
  readonly attempt: number
}

export type OnProgress = (progress: Progress) => void

/** What one direction has come to. */
export class Gauge {
  private readonly tell: OnProgress
  private attempt = 0
  private transferred = 0
  private total: number | undefined

  constructor(tell: OnProgress) {
    this.tell = tell
  }

  isOf(attempt: number): boolean {
    return this.attempt === attempt
  }

  begin(attempt: number, total: number | undefined): void {
    this.attempt = attempt
    this.transferred = 0
    this.total = total
    this.say()
  }

  add(bytes: number): void {
    this.transferred += bytes
    this.say()
  }

  /** Nothing follows; said once. */
  end(): void {
    if (this.attempt === 0 || this.total === this.transferred) return
    this.total = this.transferred
    this.say()
  }

  private say(): void {
    const { transferred, total, attempt } = this
    const percent = total === undefined ? undefined : total === 0 ? 1 : transferred / total
    this.tell({ transferred, total, percent, attempt })
  }
}
