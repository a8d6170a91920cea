import type { Dispatcher } from 'undici'
import type { Lease, PoolHandler } from '../pool/lease.ts'
import type { Trail } from '../observe/trail.ts'
import type { AttemptFacts } from './foreign-errors.ts'
import type { AttemptHandler, Headers, UpgradeSocket } from './host.ts'
import type { CallTimeouts } from './plan.ts'
import type { Stake } from './stake.ts'

type Controller = Dispatcher.DispatchController

/** What a rival tells of itself. */
export interface RivalHost {
  /** Its answer has begun, before that of the attempt beside it. True when the call goes on with it. */
  rivalAnswered(rival: Rival, status: number, headers: Headers): boolean
  rivalFailed(rival: Rival, error: Error): void
  /** The breaker opened while it waited for a connection. */
  rivalTurnedAway(rival: Rival): void
}

/**
 * A second attempt beside one that is slow. Until the call goes on with it nobody hears of it but {@link RivalHost};
 * from then on (it has an heir) it hands everything on, as if it had been the call's own attempt all along.
 */
export class Rival implements PoolHandler {
  readonly acquireBy: number
  readonly acquireTimeout: number | undefined
  readonly stake: Stake
  readonly begunAt: number
  readonly limit: number
  stage: 'wait' | 'send' | 'headers' = 'wait'
  /** When the stage began, or was last seen to move. */
  movedAt: number
  lease: Lease | null = null
  heir: AttemptHandler | null = null
  /** Of its call. */
  readonly trail: Trail | null
  private readonly host: RivalHost
  private readonly now: () => number

  constructor(
    host: RivalHost,
    stake: Stake,
    by: number,
    timeouts: CallTimeouts,
    now: () => number,
    trail: Trail | null,
  ) {
    this.host = host
    this.trail = trail
    this.stake = stake
    this.now = now
    this.begunAt = this.movedAt = now()
    this.limit = timeouts.attempt
    this.acquireBy = Math.min(by, this.begunAt + timeouts.attempt)
    this.acquireTimeout = timeouts.acquire
  }

  get trailAttempt(): number {
    return this.stake.attempt
  }

  onRequestStart(lease: Controller, context: unknown): void {
    this.lease = lease as Lease
    this.heir?.onRequestStart(lease, context)
  }

  onWire(): void {
    if (this.heir !== null) return this.heir.onWire()
    const now = this.now()
    if (!this.stake.commit(now, this.lease?.slot)) return this.host.rivalTurnedAway(this)
    this.moves('send', now)
  }

  onBack(): void {
    if (this.heir !== null) return this.heir.onBack()
    this.moves('wait', this.now())
  }

  onBodySent(chunk: Buffer): void {
    if (this.heir !== null) return this.heir.onBodySent(chunk)
    this.movedAt = this.now()
    const { watched } = this.stake
    if (watched !== null) watched.sentBytes += chunk.length
  }

  onRequestSent(): void {
    if (this.heir !== null) return this.heir.onRequestSent()
    const now = this.now()
    this.stake.sentAt = now
    this.moves('headers', now)
  }

  onResponseStarted(): void {
    this.heir?.onResponseStarted()
  }

  onResponseStart(lease: Controller, status: number, headers: Headers, text?: string): void {
    if (this.heir === null && (status < 200 || !this.host.rivalAnswered(this, status, headers))) return
    this.heir?.onResponseStart(lease, status, headers, text)
  }

  onResponseData(lease: Controller, chunk: Buffer): void {
    this.heir?.onResponseData(lease, chunk)
  }

  onResponseEnd(lease: Controller, trailers: Headers): void {
    this.heir?.onResponseEnd(lease, trailers)
  }

  onRequestUpgrade(lease: Controller, status: number, headers: Headers, socket: UpgradeSocket): void {
    if (this.heir === null) socket.destroy()
    else this.heir.onRequestUpgrade(lease, status, headers, socket)
  }

  onResponseError(lease: Controller, error: Error): void {
    if (this.heir === null) this.host.rivalFailed(this, error)
    else this.heir.onResponseError(lease, error)
  }

  get facts(): AttemptFacts {
    const sent = this.lease?.sent === true ? 'maybe' : 'no'
    const { stage } = this
    return { sent, phase: stage, reused: this.lease?.reused === true, between: false, paused: false }
  }

  private moves(stage: 'wait' | 'send' | 'headers', now: number): void {
    this.stage = stage
    this.movedAt = now
  }
}
