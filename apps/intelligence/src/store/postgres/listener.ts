/** One connection that listens, replaced when it breaks, with growing pauses. */
import type { Database } from './sql.ts'

/** Milliseconds before the first try to listen again, and at most. */
const PAUSE = { base: 250, cap: 30_000 }

/** How long to wait before listening again. Pure. @param failed tries since it last listened @param random 0 to 1 */
export function listenPause(failed: number, random: number): number {
  const most = Math.min(PAUSE.cap, PAUSE.base * 2 ** Math.min(failed, 20))
  return most / 2 + (random * most) / 2
}

export class Listener {
  private readonly db: Database
  private readonly channel: string
  private readonly told: () => void
  private failed = 0
  private timer: NodeJS.Timeout | undefined
  private stop: (() => Promise<void>) | undefined
  private beginning: Promise<void> = Promise.resolve()
  private closed = false

  /** @param told called when something was sent, and when it listens anew: what came in between is not known */
  constructor(db: Database, channel: string, told: () => void) {
    this.db = db
    this.channel = channel
    this.told = told
    this.beginning = this.begin()
  }

  /** Whether what is sent is heard now. */
  get listening(): boolean {
    return this.stop !== undefined
  }

  async close(): Promise<void> {
    this.closed = true
    clearTimeout(this.timer)
    await this.beginning
    await this.stop?.()
  }

  private async begin(): Promise<void> {
    try {
      this.stop = await this.db.listen?.(this.channel, this.told, () => this.broken())
      this.failed = 0
      this.told()
    } catch {
      this.broken()
    }
  }

  private broken(): void {
    this.stop = undefined
    if (this.closed) return
    clearTimeout(this.timer)
    const again = (): void => void (this.beginning = this.begin())
    this.timer = setTimeout(again, listenPause(this.failed++, Math.random()))
    this.timer.unref()
  }
}
