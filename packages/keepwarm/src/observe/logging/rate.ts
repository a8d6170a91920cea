/** Lines of one kind that are written in one window, which the first one begins. */
const MOST = 10
/** Its length, in ms. */
const WINDOW = 10_000

interface Window {
  readonly endsAt: number
  written: number
  swallowed: number
}

/** A storm makes few lines, and the next one that is written says how many there were besides. */
export class LineRate {
  private readonly windows = new Map<string, Window>()

  /**
   * Whether a line may be written; then how many were swallowed since the one before.
   * @param now in ms, on a clock that never jumps
   */
  admit(kind: string, now: number): { readonly swallowed: number } | undefined {
    const window = this.windows.get(kind)
    if (window === undefined || now >= window.endsAt) {
      this.windows.set(kind, { endsAt: now + WINDOW, written: 1, swallowed: 0 })
      return { swallowed: window?.swallowed ?? 0 }
    }
    if (window.written < MOST) {
      window.written++
      return { swallowed: 0 }
    }
    window.swallowed++
    return undefined
  }

  /** What was swallowed and is not told yet, by kind. */
  rest(): Record<string, number> {
    const left = [...this.windows].filter(([, { swallowed }]) => swallowed > 0)
    this.windows.clear()
    return Object.fromEntries(left.map(([kind, { swallowed }]) => [kind, swallowed]))
  }
}
