/** What an exchange works with, and for whom. */
import type { Dispatcher } from 'undici'
import type { Breaker } from '../breaker/machine.ts'
import type { KeepwarmError } from '../errors.ts'
import type { RetryBudget } from '../retry/budget.ts'
import type { Runtime } from '../runtime.ts'
import type { Exchange } from './exchange.ts'
import type { Timekeeper } from './timekeeper.ts'

export type Headers = Parameters<NonNullable<Dispatcher.DispatchHandler['onResponseStart']>>[2]
export type UpgradeSocket = Parameters<NonNullable<Dispatcher.DispatchHandler['onRequestUpgrade']>>[3]
export type RawHeaders = NonNullable<Dispatcher.DispatchController['rawHeaders']> | null

/** How a call ended, for whoever counts. */
export type Outcome = { readonly status: number } | { readonly error: KeepwarmError }

/** What a client remembers of one origin. */
export interface OriginGuard {
  readonly breaker: Breaker
  readonly budget: RetryBudget
}

/** What an exchange needs of its client. */
export interface ExchangeHost {
  readonly runtime: Runtime
  readonly timekeeper: Timekeeper
  readonly pool: Dispatcher
  guard(origin: string): OriginGuard
  /** Another attempt goes out because the last one ended like this. */
  retried(reason: string): void
  breakerChanged(change: 'opened' | 'closed'): void
  ended(exchange: Exchange, outcome: Outcome, now: number): void
}

/** A handler may say that it collects the body: until the end nobody has seen a part, and it can go again. */
export interface CallHandler extends Dispatcher.DispatchHandler {
  readonly collects?: boolean
}
