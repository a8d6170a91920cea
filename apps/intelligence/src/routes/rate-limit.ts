/** A token bucket for each address. Pure; the moment is an argument. */

interface Bucket {
  tokens: number
  at: number
}

/** Addresses that are remembered; those not seen for longest are forgotten, and begin anew. */
const MOST = 10_000

export class RateLimit {
  private readonly perSecond: number
  private readonly burst: number
  private readonly buckets = new Map<string, Bucket>()

  constructor(perSecond: number, burst: number) {
    this.perSecond = perSecond
    this.burst = burst
  }

  /** 0 when the request may pass, else the milliseconds until one may. */
  take(address: string, now: number): number {
    const known = this.buckets.get(address)
    const gained = known === undefined ? this.burst : ((now - known.at) / 1_000) * this.perSecond
    const tokens = Math.min(this.burst, (known?.tokens ?? 0) + gained)
    this.buckets.delete(address)
    this.buckets.set(address, { tokens: tokens < 1 ? tokens : tokens - 1, at: now })
    if (this.buckets.size > MOST) this.buckets.delete(this.buckets.keys().next().value!)
    return tokens < 1 ? ((1 - tokens) / this.perSecond) * 1_000 : 0
  }
}
