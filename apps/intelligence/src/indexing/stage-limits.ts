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

/**
 * What an upstream is slow at may take long and be done for few; the others are quick or fail. While one of those that a
 * document can be found without hangs, each document waits for it once: ten seconds at most.
 */
export const stageLimits: StageLimits = {
  workflow: { concurrency: 8, timeout: 10_000 },
  chunk: { concurrency: 8, timeout: 1 * minutes },
  embed: { concurrency: 8, timeout: 10 * minutes },
  entities: { concurrency: 8, timeout: 30 * minutes },
  semantic: { concurrency: 8, timeout: 10_000 },
  freshness: { concurrency: 8, timeout: 10_000 },
  deliver: { concurrency: 8, timeout: 2 * minutes },
}

/**
 * For a service that works on so many documents at once: as many may wait for an upstream, or a lower limit than the one
 * that was asked for would hold, in silence. Stages that take this process's own time keep theirs.
 */
export function stageLimitsFor(documents: number): StageLimits {
  const own: ReadonlySet<string> = new Set<StageName>(['chunk', 'deliver'])
  const limits = Object.entries(stageLimits).map(([stage, limit]) => {
    return [stage, own.has(stage) ? limit : { ...limit, concurrency: Math.max(limit.concurrency, documents) }]
  })
  return Object.fromEntries(limits) as StageLimits
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
