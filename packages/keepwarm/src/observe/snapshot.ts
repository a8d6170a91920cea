/**
 * What is shown of clients: one shape for the dashboard, the exporters, the diagnosis and the command line. All of it is
 * plain JSON and versioned. Figures are counted since the client was made (or `resetMetrics()`), so that whoever takes two
 * snapshots can say what happened between them. Durations are milliseconds, except in histograms, whose unit is theirs.
 */

import type { OperationMetrics } from './operations.ts'

/** How calls end: the class of their status, or the code of their error. */
export type CallOutcome = '1xx' | '2xx' | '3xx' | '4xx' | '5xx' | (string & {})

/** A histogram whose buckets were counted, not summed: `counts[i]` lie at or below `bounds[i]`, the last above all. */
export interface HistogramSnapshot {
  readonly unit: 's'
  readonly bounds: readonly number[]
  /** One more than there are bounds. */
  readonly counts: readonly number[]
  readonly count: number
  readonly sum: number
}

/** Sums over all calls that ended, of the attempt that counted. */
export interface PhaseTotals {
  readonly before: number
  readonly queued: number
  /** Part of `queued`: dials that calls waited for. */
  readonly connect: number
  readonly send: number
  readonly headers: number
  readonly download: number
}

/** One breaker, of an origin or of an endpoint group of it. */
export interface GuardSnapshot {
  readonly origin: string
  readonly group: string | null
  readonly breaker: 'closed' | 'open' | 'half-open'
  readonly forced: 'open' | 'closed' | null
  readonly failureRatio: number
  readonly completions: number
  /** Until the next probe; null when it is not known. */
  readonly retryAfter: number | null
  /** How often it opened, half-opened and closed. */
  readonly transitions: { readonly opened: number; readonly halfOpened: number; readonly closed: number }
  readonly lastFailure: string | null
  /** Retries that can be paid for now, and at most. */
  readonly budget: { readonly tokens: number; readonly cap: number }
}

/** Something that happened lately, for people. */
export interface RecentEvent {
  /** Milliseconds since 1970. */
  readonly at: number
  /** Grows by one with every event of the client. */
  readonly number: number
  /** Whose it is. */
  readonly client: string
  readonly level: 'info' | 'warn'
  /** `breaker`, `retry`, `refused`, `timeout`, `closed`, `dial`, `leak`, `race`, `limit`. */
  readonly kind: string
  readonly origin: string
  /** One line; no query, no header. */
  readonly text: string
  /** How often it happened since, the first time included, in a burst that is told as one event. */
  readonly count: number
}

/** Attempts that went to one origin. At most 64 are told apart; all further ones are under `(others)`. */
export interface AttemptsOfOrigin {
  readonly origin: string
  readonly ended: Readonly<Record<CallOutcome, number>>
  readonly attempt: HistogramSnapshot
  readonly queue: HistogramSnapshot
}

/** What one client came to. */
export interface ClientFigures {
  /**
   * Calls that began, are under way, and ended, by how: what ended adds up to `started - inFlight`. `cancelled` are those
   * of them that the caller cancelled: `ended.aborted`, once more.
   */
  readonly calls: {
    readonly started: number
    readonly inFlight: number
    readonly ended: Readonly<Record<CallOutcome, number>>
    readonly cancelled: number
  }
  /** Attempts that began, by why: `initial`, `retry` (also at another endpoint, or asked for by a hook) or `hedge`. */
  readonly attempts: { readonly initial: number; readonly retry: number; readonly hedge: number }
  /** Attempts that are under way: what began is what ended, and these. */
  readonly attemptsInFlight: number
  /** How attempts ended, by status class or error code: what the server did, before retries mended it. */
  readonly attemptsEnded: Readonly<Record<CallOutcome, number>>
  readonly retries: {
    readonly byReason: Readonly<Record<string, number>>
    readonly suppressed: Readonly<Record<string, number>>
  }
  readonly hedgesWon: number
  readonly phases: PhaseTotals
  readonly histograms: {
    /** Of calls: waiting, attempts, pauses and body. */
    readonly call: HistogramSnapshot
    /** Of attempts that were sent: from the first byte written to the last byte read. */
    readonly attempt: HistogramSnapshot
    /** Of attempts: waiting for a connection, until they had one or were over. */
    readonly queue: HistogramSnapshot
  }
  /** Where attempts went, and what came of them. */
  readonly attemptsByOrigin: readonly AttemptsOfOrigin[]
  /** By the operation that calls name, where they name one; at most 200. */
  readonly operations: Readonly<Record<string, OperationMetrics>>
}

/** One client at one moment. */
export interface ClientSnapshot extends ClientFigures {
  readonly version: 1
  readonly name: string
  /** Milliseconds since 1970: now, and when the figures began. */
  readonly at: number
  readonly since: number
  /** Which of the pools of the process it uses. */
  readonly poolId: number
  /** Its base URLs, without credentials. */
  readonly endpoints: readonly string[]
  readonly health: {
    readonly status: 'healthy' | 'degraded' | 'unhealthy'
    readonly reasons: readonly string[]
  }
  readonly guards: readonly GuardSnapshot[]
  /** What matters for a diagnosis of how it is set. Durations are null where there is no limit, for JSON has no Infinity. */
  readonly settings: {
    readonly timeout: number | null
    readonly acquireTimeout: number | null
    readonly attempts: number
    readonly hedged: boolean
    /** How long its pool keeps an idle connection whose server names no time. */
    readonly idleTimeout: number | null
    /** Its variables begin like this, such as `SEARCH_SERVICE_HTTP_CLIENT`; null when it came from no environment. */
    readonly envPrefix: string | null
  }
}
