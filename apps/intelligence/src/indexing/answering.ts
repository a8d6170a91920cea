/** Whether an upstream that failed a document answers others: then it was the document, and not the upstream. */
import type { StageName } from './findings.ts'

/** Asks an upstream for something harmless; resolves when it answered. */
export type Canary = (signal?: AbortSignal) => Promise<unknown>

/** For the stages without which there is nothing to search and which ask an upstream. */
export type Canaries = Readonly<Partial<Record<StageName, Canary>>>

/**
 * Milliseconds for which a canary's answer vouches for the upstream: a document that is begun meanwhile, and after which
 * it is down, brought it down.
 */
const VOUCHES = 5_000

/** Times come in as arguments, on any clock that only runs forwards, in ms. */
export class Answering {
  private readonly canaries: Canaries
  private readonly answeredAt = new Map<StageName, number>()
  private readonly vouchedAt = new Map<StageName, number>()
  private readonly asking = new Map<StageName, Promise<boolean>>()

  constructor(canaries: Canaries) {
    this.canaries = canaries
  }

  /** A document went through the stage. */
  answered(stage: StageName, now: number): void {
    this.answeredAt.set(stage, now)
  }

  /** Whether the stage's upstream answers others than the document whose attempt began then, and failed. */
  async answersOthers(stage: StageName, began: number, now: () => number): Promise<boolean> {
    if ((this.answeredAt.get(stage) ?? -Infinity) >= began) return true
    if ((this.vouchedAt.get(stage) ?? -Infinity) >= began - VOUCHES) return true
    return this.ask(stage, now)
  }

  /** Whether it answers the canary. A stage that has none has no upstream that could be down. */
  async ask(stage: StageName, now: () => number, signal?: AbortSignal): Promise<boolean> {
    const canary = this.canaries[stage]
    if (canary === undefined) return true
    // Several that want to know at one moment ask once.
    const under = this.asking.get(stage)
    if (under !== undefined) return under
    const asking = this.send(stage, () => canary(signal), now).finally(() => this.asking.delete(stage))
    this.asking.set(stage, asking)
    return asking
  }

  private async send(stage: StageName, canary: Canary, now: () => number): Promise<boolean> {
    try {
      await canary()
      this.vouchedAt.set(stage, now())
      return true
    } catch {
      return false
    }
  }
}
