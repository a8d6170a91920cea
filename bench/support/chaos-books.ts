/** What the servers of the chaos write down. */
import { uploadOf } from './chaos-plan.ts'

/** What they know at a moment. */
export interface ServerCounts {
  readonly connections: number
  readonly open: number
  /** The same by server; those without are left out. */
  readonly openAt: Readonly<Record<string, number>>
  /** Requests that arrived. */
  readonly requests: number
  /** Requests that may not arrive twice and did. */
  readonly arrivedTwice: number
  /** Uploads that were not those of their request. */
  readonly wrongUploads: number
}

/** A request that comes twice does so within the time of its call: no need to remember the others. */
const REMEMBERED = 20_000

export class ChaosBooks {
  requests = 0
  arrivedTwice = 0
  wrongUploads = 0
  private readonly once = new Set<number>()

  /** A request was taken on. */
  arrived(id: number, method: string, hasKey: boolean): void {
    this.requests++
    if (method !== 'POST' || hasKey) return
    if (this.once.has(id)) this.arrivedTwice++
    this.once.add(id)
    if (this.once.size > REMEMBERED) this.once.delete(this.once.values().next().value!)
  }

  /** The whole body of a POST. */
  uploaded(id: number, body: string): void {
    if (body !== uploadOf(id)) this.wrongUploads++
  }
}
