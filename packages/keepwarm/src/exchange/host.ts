/** What an exchange works with, and for whom. */
import type { Dispatcher } from 'undici'
import type { Balancer } from '../balance/balancer.ts'
import type { Endpoint } from '../balance/endpoint.ts'
import type { Breaker } from '../breaker/machine.ts'
import type { DeadlineHeader } from '../deadline/header.ts'
import type { ErrorCode, KeepwarmError } from '../errors.ts'
import type { HedgePolicy } from '../hedge/policy.ts'
import type { FailedCall } from '../observe/diagnosis/of-error.ts'
import type { DispatchOptions, PoolHandler } from '../pool/lease.ts'
import type { RetryBudget } from '../retry/budget.ts'
import type { NotRetried } from '../retry/decide.ts'
import type { OriginPause } from '../retry/pause.ts'
import type { Runtime } from '../runtime.ts'
import type { Verdict } from '../verdict.ts'
import type { Course } from './course.ts'
import type { Stake } from './stake.ts'
import type { Timekeeper } from './timekeeper.ts'

export type Headers = Parameters<NonNullable<Dispatcher.DispatchHandler['onResponseStart']>>[2]
export type UpgradeSocket = Parameters<NonNullable<Dispatcher.DispatchHandler['onRequestUpgrade']>>[3]
export type RawHeaders = NonNullable<Dispatcher.DispatchController['rawHeaders']> | null

/** Who hears how an attempt goes. */
export type AttemptHandler = Required<Omit<PoolHandler, AskedOfHandlers>>

/** What the pool asks, rather than tells. */
type AskedOfHandlers = 'acquireBy' | 'acquireTimeout' | 'trail' | 'trailAttempt' | 'operation'

/** How a call ended, for whoever counts. */
export type Outcome = { readonly status: number } | { readonly error: KeepwarmError }

/** What a client remembers of one origin, or of one endpoint group of it. */
export interface OriginGuard {
  readonly origin: string
  /** The endpoint group, where it is one that is guarded. */
  readonly group?: string | undefined
  readonly breaker: Breaker
  readonly budget: RetryBudget
  readonly pause: OriginPause
  /** Undefined where nothing is hedged. */
  readonly hedges: HedgePolicy | undefined
  /** As which the balancer knows it; undefined for a client of one origin. */
  readonly endpoint: Endpoint | undefined
  /** Attempts that were written to it and are not over; only counted where something is hedged. */
  underWay: number
}

/** Why nobody should have two connections at the moment. */
export type Crowding = 'pool_busy' | 'limit_tight'

/** Why there is an attempt: the first of its call, one after another, or one beside another that is slow. */
export type AttemptReason = 'initial' | 'retry' | 'hedge'

/** What an exchange needs of its client. */
export interface ExchangeHost {
  /** Of the client. */
  readonly name: string
  /** Its calls are health checks: no part of the traffic. */
  readonly isCheck?: boolean
  readonly runtime: Runtime
  readonly timekeeper: Timekeeper
  readonly pool: Dispatcher
  /** Chooses among the endpoints of a client that has several. */
  readonly balancer: Balancer | undefined
  /** In which the server is told how much time is left. */
  readonly deadlineHeader: DeadlineHeader | undefined
  /** Where an attempt goes. `avoid`: where the one before failed, or another is under way. */
  guard(options: DispatchOptions, avoid: OriginGuard | undefined): OriginGuard
  crowding(origin: string): Crowding | undefined
  /** An attempt goes out: into the line for a connection. Each that does ends, once. */
  attemptBegan(why: AttemptReason, now: number): void
  attemptEnded(stake: Stake, ending: ErrorCode | number, sent: boolean, reason?: string): void
  /** Another attempt goes out because the last one ended like this. */
  retried(reason: string, origin: string, now: number): void
  /** An attempt failed, and there is no other because of this. */
  notRetried(because: NotRetried): void
  /** A second attempt went out beside a slow one, or its answer was the call's. */
  hedged(what: 'sent' | 'won'): void
  /** What of the state of things explains an error; undefined where nothing does, or nobody looks. */
  explain?(failed: FailedCall, now: number): Verdict | undefined
  breakerChanged(change: 'opened' | 'closed', guard: OriginGuard): void
  ended(exchange: Course, outcome: Outcome, now: number): void
}

/** A handler may say that it collects the body: until the end nobody has seen a part, and it can go again. */
export interface CallHandler extends Dispatcher.DispatchHandler {
  readonly collects?: boolean
  /** The number of the call whose answer led here, where somebody watched that. */
  readonly follows?: number | undefined
}
