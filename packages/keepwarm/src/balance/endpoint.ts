import { OutlierRecord } from './ejection.ts'
import type { Ejectable } from './ejection.ts'
import { FailureShare } from './failure-share.ts'
import { PeakEwma } from './peak-ewma.ts'

/** The load of an endpoint that is being tried for the first time: more than any other can have. */
const BEING_TRIED = 1e15

/**
 * One endpoint of a service, as the balancer hands it out, and what is known of it. It stays the same object for as long
 * as the endpoint is one of them; requests that were under way when it was removed still end at it, and change nothing.
 */
export class Endpoint implements Ejectable {
  /** As it was given to the balancer: an origin, an address. */
  readonly name: string
  /** @internal */
  readonly latency: PeakEwma
  /** @internal */
  readonly failures: FailureShare
  /** What ejection remembers of it. */
  readonly outlier: OutlierRecord = new OutlierRecord()
  /** @internal Requests under way. */
  inFlight = 0
  /** @internal How much it can carry, beside the others. */
  weight: number
  /** @internal Whether active checks found it down. */
  down = false
  /** @internal Whether it has failed so often that it would be out, if more could be. */
  failing = false
  /** @internal Whether it is counted among those that are well. */
  well = false
  /** @internal When it began to take its share. */
  risingSince: number = -Infinity
  /** @internal False once it is removed. */
  member = true

  constructor(name: string, weight: number, decay: number) {
    this.name = name
    this.weight = weight
    this.latency = new PeakEwma(decay)
    this.failures = new FailureShare(decay)
  }

  /** @internal Whether it takes part: neither out nor down. */
  get available(): boolean {
    return !this.outlier.ejected && !this.down
  }

  /** @internal A request goes out to it. */
  started(now: number): void {
    this.inFlight++
    this.latency.asked(now)
    this.failures.asked(now)
  }

  /**
   * @internal What one more request would wait for: the latency times those under way, itself included; and, as often
   * as it fails, the penalty. A failing endpoint is never busy, so the penalty is taken times what is under way
   * elsewhere; otherwise an idle endpoint that fails would draw the requests of busy ones that answer.
   *
   * An endpoint of which nothing is known is free, and very expensive once something is under way to it: it is tried
   * once, and then the others wait for what that one finds.
   *
   * @param penalty what a failure counts as, in ms.
   * @param crowd how many requests are under way at an endpoint of weight 1, on average.
   */
  load(now: number, penalty: number, crowd: number): number {
    const depth = this.inFlight / this.weight + 1
    if (!this.latency.known) return this.inFlight === 0 ? 0 : BEING_TRIED * depth
    return this.latency.estimate(now) * depth + this.failures.share(now) * penalty * (crowd + 1)
  }
}
