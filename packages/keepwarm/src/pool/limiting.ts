/**
 * Tells limits that adapt how requests ended: how long it took from the first byte that was written to the head of the
 * response, and what kind of ending it was. The time in our own line is never in it, nor is that of a long body.
 *
 *     the head of a response          a success, in so many ms; overload, where the status says so
 *     502, 503, 504                   lost: whoever stands in front of the server got nothing from it
 *     other failures by status        no sample: a fault in the server's program says nothing about its load
 *     a stream that was refused       overload
 *     the connection broke            lost
 *     the time was up                 lost, when the server had it for longer than our own line
 *     the caller left, or an upgrade  no sample
 */
import type { SampleOutcome } from '../limit/limiter.ts'
import { outcomeOf, type OutcomeKind } from '../outcome.ts'
import type { Runtime } from '../runtime.ts'
import { breaksOff, timeoutCode } from './blame.ts'
import type { PoolCore } from './core.ts'
import type { Figures } from './figures.ts'
import type { Lease } from './lease.ts'

/** What carries out whom a new limit lets go. */
export interface LimitingHost {
  readonly core: PoolCore<Lease>
  readonly runtime: Runtime
  readonly figures: Figures
  carryOut(now: number): void
}

const sampleOf: Readonly<Record<OutcomeKind, SampleOutcome | undefined>> = {
  success: 'success',
  overload: 'overload',
  failure: 'lost',
  slow: 'lost',
  ignored: undefined,
}

/** Only for requests of a lane that has a limiter. */
export class Limiting {
  private readonly host: LimitingHost

  constructor(host: LimitingHost) {
    this.host = host
  }

  /** It is being written. What becomes a tunnel is no measure. */
  written(lease: Lease): void {
    const { method, upgrade } = lease.options
    if (upgrade == null && method !== 'CONNECT') lease.writtenAt = this.host.runtime.now()
  }

  /** The head of its response is here. */
  answered(lease: Lease, status: number, retryAfter: unknown): void {
    const outcome = outcomeOf({ status, retryAfter: retryAfter === undefined ? undefined : 0 })
    const isGateway = status >= 502 && status <= 504
    this.tell(lease, outcome === 'failure' && !isGateway ? undefined : sampleOf[outcome])
  }

  /** The server refused its HTTP/2 stream. */
  refused(lease: Lease): void {
    this.tell(lease, 'overload')
  }

  /** There will be no response. */
  ended(lease: Lease, error: Error): void {
    this.tell(lease, lease.aborted ? this.givenUp(lease) : breaksOff(error) ? 'lost' : undefined)
  }

  private givenUp({ reason, paused, queuedAt, writtenAt }: Lease): SampleOutcome | undefined {
    const code = timeoutCode(reason)
    if (code === undefined) return undefined
    const now = this.host.runtime.now()
    // What came to the server just before its time was up would make a limit smaller because it is small.
    if (now - writtenAt < writtenAt - queuedAt) return undefined
    return sampleOf[outcomeOf({ code, phase: 'headers', sent: 'maybe', paused })]
  }

  private tell(lease: Lease, outcome: SampleOutcome | undefined): void {
    const { core, runtime } = this.host
    const { writtenAt } = lease
    lease.writtenAt = -1
    if (outcome === undefined) return
    const now = runtime.now()
    const before = lease.lane?.maxInFlight
    if (!core.sampled(lease, now - writtenAt, outcome, now, runtime.random())) return
    this.host.figures.limited(lease, before!, now)
    this.host.carryOut(now)
  }
}
