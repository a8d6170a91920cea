/** Ollama unloads a model that nobody asked for five minutes; the next call waits while it is read from the disk. */
const KEPT = 5 * 60_000

/** Whether the model is in memory, as far as can be told from its last answer. */
export class Warmth {
  private readonly coldTimeout: number
  private answeredAt = -Infinity

  /** @param coldTimeout milliseconds that a call may take when it has to wait for the model. */
  constructor(coldTimeout: number) {
    this.coldTimeout = coldTimeout
  }

  /** The time for a call that begins now; undefined for the client's own. */
  timeout(now: number): number | undefined {
    return now - this.answeredAt < KEPT ? undefined : this.coldTimeout
  }

  answered(now: number): void {
    this.answeredAt = now
  }
}
