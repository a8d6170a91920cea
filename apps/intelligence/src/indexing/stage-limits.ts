/** Each stage has a limit of its own for how many documents are in it, and for how long one may be. */
import { Slots } from '../slots.ts'
import type { StageName } from './findings.ts'

export interface StageLimit {
  /** Documents in this stage at once. */
  readonly concurrency: number
  /** Milliseconds for one document, the waits for its upstream included. */
  readonly timeout: number
}

export type StageLimits = Readonly<Record<StageName, StageLimit>>

const minutes = 60_000

/** What an upstream is slow at may take long and be done for few; the others are quick or fail. */
export const stageLimits: StageLimits = {
  workflow: { concurrency: 8, timeout: 0.5 * minutes },
  chunk: { concurrency: 8, timeout: 1 * minutes },
  embed: { concurrency: 8, timeout: 10 * minutes },
  entities: { concurrency: 8, timeout: 30 * minutes },
  semantic: { concurrency: 8, timeout: 1 * minutes },
  freshness: { concurrency: 8, timeout: 1 * minutes },
  deliver: { concurrency: 8, timeout: 2 * minutes },
}

/** A stage was given up because its time was over. */
export class StageTimeoutError extends Error {
  constructor(stage: StageName, timeout: number) {
    super(`the stage ${stage} was not done within ${timeout / 1_000} s`)
  }

  override get name(): string {
    return 'StageTimeoutError'
  }
}

export class StageGates {
  private readonly limits: StageLimits
  private readonly slots: ReadonlyMap<string, Slots>

  constructor(limits: StageLimits = stageLimits) {
    this.limits = limits
    this.slots = new Map(
      Object.entries(limits).map(([stage, { concurrency }]) => [stage, new Slots(concurrency, Infinity)]),
    )
  }

  /**
   * Waits for a place in the stage, and works in it.
   *
   * @throws StageTimeoutError when its time is over, and the signal's reason when it aborts
   */
  async pass<Result>(
    stage: StageName,
    signal: AbortSignal,
    work: (signal: AbortSignal) => Promise<Result>,
  ): Promise<Result> {
    const release = await this.slots.get(stage)!.enter(signal)
    const { timeout } = this.limits[stage]
    const late = new AbortController()
    const timer = setTimeout(() => late.abort(new StageTimeoutError(stage, timeout)), timeout)
    try {
      return await work(AbortSignal.any([signal, late.signal]))
    } catch (error) {
      if (late.signal.aborted && !signal.aborted) throw late.signal.reason
      throw error
    } finally {
      clearTimeout(timer)
      release()
    }
  }
}
