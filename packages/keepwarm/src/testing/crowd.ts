import type { Runtime } from '../runtime.ts'
import type { ManualRuntime } from './manual-runtime.ts'

/** Calls that come by themselves, however the earlier ones fare. All times in milliseconds. */
export interface Arrivals {
  /** The mean time between two of them. */
  readonly every: number
  /** `random` (Poisson), or `even`. Default random. */
  readonly spread?: 'random' | 'even'
}

/** So many callers, each of whom calls again when the last call is over. */
export interface Callers {
  readonly callers: number
  /** Between the end of a call and the next one. Default 0. */
  readonly pause?: number
}

/** Calls that come, and for how long. */
export type Flow = (Arrivals | Callers) & {
  /** When it begins. Default 0. */
  readonly from?: number
  /** For how long new calls come. */
  readonly for: number
}

/** Nobody waits longer for calls that do not end. */
const LONGEST_AFTERMATH = 3_600_000

/** All who call. */
export class Crowd<F extends Flow> {
  private readonly runtime: ManualRuntime
  private readonly call: (flow: F, number: number) => Promise<void>
  private readonly chance: Pick<Runtime, 'random'>
  private calls = 0
  private open = 0
  private until = 0

  /**
   * @param call makes one, numbered from 1, and resolves when it is over; it never rejects.
   * @param chance of the arrivals. Default: the runtime's.
   */
  constructor(
    runtime: ManualRuntime,
    call: (flow: F, number: number) => Promise<void>,
    chance: Pick<Runtime, 'random'> = runtime,
  ) {
    this.runtime = runtime
    this.call = call
    this.chance = chance
  }

  expect(flow: F): void {
    const from = flow.from ?? 0
    const end = from + flow.for
    this.until = Math.max(this.until, end)
    if ('every' in flow) return this.arrive(flow, flow, from, end)
    for (let i = 0; i < flow.callers; i++)
      this.at(from, end, () => void this.callAgain(flow, flow.pause ?? 0, end))
  }

  /**
   * Until nobody calls any more and the last call is over. Rejects with an Error when one does not end within an hour.
   * @param each is told after every so many milliseconds of the time in which calls come.
   */
  async runToTheEnd(each?: { readonly every: number; readonly told: () => void }): Promise<void> {
    const { runtime, until } = this
    while (each !== undefined && runtime.now() + each.every < until) {
      await runtime.run(each.every)
      each.told()
    }
    await runtime.run(until - runtime.now())
    for (let waited = 0; this.open > 0; waited += 100) {
      if (waited > LONGEST_AFTERMATH)
        throw new Error(`${this.open} calls have not ended an hour after the last began`)
      await runtime.run(100)
    }
  }

  private arrive(flow: F, { every, spread = 'random' }: Arrivals, last: number, end: number): void {
    const gap = spread === 'even' ? every : -Math.log(1 - this.chance.random()) * every
    this.at(last + gap, end, () => {
      void this.once(flow)
      this.arrive(flow, { every, spread }, last + gap, end)
    })
  }

  private async callAgain(flow: F, pause: number, end: number): Promise<void> {
    await this.once(flow)
    this.at(this.runtime.now() + pause, end, () => void this.callAgain(flow, pause, end))
  }

  private async once(flow: F): Promise<void> {
    this.open++
    await this.call(flow, ++this.calls)
    this.open--
  }

  /** Not when it is over by then. */
  private at(moment: number, end: number, action: () => void): void {
    if (moment < end) this.runtime.after(moment - this.runtime.now(), action)
  }
}
