/** What must hold of a client, its pool and its servers at any time, whatever happens. */
import type { HttpClient } from '../client/http-client.ts'
import type { ConnectionPool } from '../pool/pool.ts'
import type { PoolSnapshot } from '../pool/snapshot.ts'
import type { ClientBooks } from './client-books.ts'
import { must } from './laws.ts'

/**
 * How many connections there may be, as servers see it: up to the limit, and after it was lowered as many as the pool
 * still has. Servers hear `latency` later of what the pool closes.
 */
export class Allowance {
  private readonly law: string
  private readonly latency: number
  private limit: number
  private most: number
  private seen = 0
  private before = 0
  /** What the pool had, and servers may not know yet. */
  private readonly samples: { readonly at: number; readonly open: number }[] = []

  constructor(limit: number, latency: number, law: string) {
    this.limit = this.most = limit
    this.latency = latency
    this.law = law
  }

  /** Another limit, while the pool has so many. */
  change(limit: number, open: number): void {
    this.limit = limit
    this.most = Math.max(limit, this.most, open)
    this.samples.length = 0
  }

  /**
   * @param history every change of what was open, as the servers saw it; `open`: what the pool has now.
   * @param now on the servers' clocks.
   */
  check(history: readonly { readonly open: number }[], open: number, now: number): void {
    for (; this.seen < history.length; this.seen++) {
      const next = history[this.seen]!.open
      must(next <= this.most || next < this.before, this.law)
      this.before = next
    }
    this.samples.push({ at: now, open })
    while (this.samples.length > 0 && this.samples[0]!.at + this.latency < now) {
      this.most = Math.max(this.limit, Math.min(this.most, this.samples.shift()!.open))
    }
  }
}

/** The pool's own figures. */
export function checkPool(
  { connections, waiting, inFlight, counters }: PoolSnapshot,
  books: ClientBooks,
): void {
  const gone = Object.values(counters.closed).reduce((sum, count) => sum + count, 0)
  must(counters.dialed - gone === connections, 'opened − closed = open')
  // A call may have two attempts at a time.
  const most = books.limits.hedge === undefined ? 1 : 2
  must(waiting <= most * books.underWay.length, 'nobody waits who is not under way')
  must(books.underWay.length > 0 || waiting === 0, 'nobody waits when all is over')
  must(inFlight >= 0 && connections >= 0, 'no figure is below zero')
}

export function checkGroups({ origins }: PoolSnapshot): void {
  for (const { inFlight: all, groups } of origins) {
    for (const { inFlight, maxInFlight } of groups) {
      must(inFlight <= maxInFlight, 'no group has more in flight than its limit')
      must(inFlight <= all, 'what a group has in flight is a part of all')
    }
  }
}

/** What a client has counted so far, however much of it is under way. */
export function checkFigures(client: HttpClient, books: ClientBooks): void {
  const { calls, attempts, attemptsInFlight, attemptsEnded, attemptsByOrigin, histograms } = client.snapshot()
  const begun = sum(attempts)
  must(
    sum(calls.ended) === calls.started - calls.inFlight,
    'every call that began ended once, or is under way',
  )
  must(calls.inFlight === books.underWay.length, 'the calls that are under way are those of the callers')
  must(
    sum(attemptsEnded) === begun - attemptsInFlight,
    'every attempt that began ended once, or is under way',
  )
  must(attempts.initial <= calls.started, 'a call has one first attempt')
  const most = books.limits.hedge === undefined ? 1 : 2
  must(attemptsInFlight <= most * calls.inFlight, 'no attempt is under way for a call that is over')
  must(attemptsInFlight >= 0 && calls.inFlight >= 0, 'no count is below zero')
  const byOrigin = attemptsByOrigin.reduce((all, { ended }) => all + sum(ended), 0)
  must(byOrigin === sum(attemptsEnded), 'attempts are counted by origin, too')
  must(histograms.call.count === sum(calls.ended), 'the time of every call is counted')
  must(histograms.queue.count === sum(attemptsEnded), 'the wait of every attempt is counted')
}

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((all, one) => all + one, 0)
}

/** What a client says of itself, when all is over. */
export function checkMetrics(client: HttpClient, books: ClientBooks, untried: number): void {
  const metrics = client.getMetrics()
  const { counters } = client.pool
  const total = books.visits.filter(({ settled }) => settled !== 'turned away').length
  must(metrics.total_requests === total, 'the figures count every call once')
  const attempts = books.visits.reduce((sum, visit) => sum + visit.attempts, 0)
  must(metrics.total_attempts === attempts, 'attempts are what the pool was asked for')
  must(metrics.total_attempts === counters.requests, 'the pool counts what it was asked for')
  must(
    sum(client.snapshot().attempts) === metrics.total_attempts,
    'attempts that began are attempts of calls that ended',
  )
  must(
    metrics.total_attempts - metrics.retries_attempted - metrics.hedges_sent === total - untried,
    'retries and hedges are the attempts after the first',
  )
  const { successful_requests: well, failed_requests: failed, cancelled_requests: left } = metrics
  must(well + failed + left === total, 'a call is successful, failed or cancelled')
  must(
    books.processed <= metrics.total_attempts + counters.lostRaces,
    'no more arrives than was sent: attempts, and what lost a race',
  )
}

/** When everything is closed. */
export function checkNothingLeft(pool: ConnectionPool, books: ClientBooks): void {
  const { connections, waiting, inFlight, dialing } = pool.snapshot()
  must(connections + waiting + inFlight + dialing === 0, 'nothing is left in the pool')
  must(books.network.dialing === 0, 'no dial is left')
  must(
    books.servers.every(({ open }) => open === 0),
    'no socket is left',
  )
  must(books.runtime.pending === 0, 'no timer is left')
}
