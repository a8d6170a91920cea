/** One client between two snapshots: what it did, and what it usually does. */
import type { ClientFigures, ClientSnapshot, HistogramSnapshot, PhaseTotals } from '../snapshot.ts'
import { gained, gainedEach, gainedIn, sum, type Counts } from './counted.ts'
import type { Owner } from './variables.ts'
import { LONGEST_WINDOW } from './thresholds.ts'

/** What a client did in some time. */
export interface ClientDone {
  /** How long that was, in ms; 0 when it is not known, and then there is nothing else. */
  readonly ms: number
  readonly started: number
  readonly ended: Counts
  /** Calls that ended, but for those that the caller cancelled. */
  readonly judged: number
  readonly initial: number
  readonly retried: number
  readonly attemptsEnded: Counts
  readonly retriedFor: Counts
  readonly notRetried: Counts
  readonly phases: PhaseTotals
  readonly attempt: HistogramSnapshot
  readonly operations: Readonly<Record<string, OperationDone>>
  /** Attempts by where they went. */
  readonly byOrigin: readonly AttemptsDone[]
}

export interface AttemptsDone {
  readonly origin: string
  readonly ended: Counts
  readonly attempt: HistogramSnapshot
}

export interface OperationDone {
  readonly total_requests: number
  readonly failed_requests: number
  readonly total_attempts: number
}

export interface ClientCase {
  readonly name: string
  readonly snapshot: ClientSnapshot
  /** The one origin that it calls; null when there are several. */
  readonly origin: string | null
  /** In the window; all zero where there is none. */
  readonly done: ClientDone
  /** Before the window; null where nothing is known of that. */
  readonly usual: ClientDone | null
}

export function ownerOf({ name, snapshot }: ClientCase): Owner {
  return { name, envPrefix: snapshot.settings.envPrefix }
}

export function clientCase(before: ClientSnapshot | undefined, now: ClientSnapshot): ClientCase {
  return {
    name: now.name,
    snapshot: now,
    origin: onlyOrigin(now),
    done: before === undefined ? lately(now) : doneBetween(before, now, now.at - before.at),
    usual: before === undefined ? null : doneBetween(undefined, before, before.at - before.since),
  }
}

/** Without a snapshot to compare with: since the figures began, if that is not long ago. */
function lately(now: ClientSnapshot): ClientDone {
  const ms = now.at - now.since
  return ms <= LONGEST_WINDOW ? doneBetween(undefined, now, ms) : doneBetween(now, now, 0)
}

function doneBetween(before: ClientSnapshot | undefined, now: ClientSnapshot, ms: number): ClientDone {
  const ended = gainedEach(before?.calls.ended, now.calls.ended)
  const attempts = gainedEach({ ...before?.attempts }, { ...now.attempts })
  return {
    ms,
    started: gained(before?.calls.started, now.calls.started),
    ended,
    judged: sum(ended) - (ended['aborted'] ?? 0),
    initial: attempts['initial'] ?? 0,
    retried: attempts['retry'] ?? 0,
    attemptsEnded: gainedEach(before?.attemptsEnded, now.attemptsEnded),
    retriedFor: gainedEach(before?.retries.byReason, now.retries.byReason),
    notRetried: gainedEach(before?.retries.suppressed, now.retries.suppressed),
    phases: phasesBetween(before, now),
    attempt: gainedIn(before?.histograms.attempt, now.histograms.attempt),
    operations: operationsBetween(before, now),
    byOrigin: now.attemptsByOrigin.map(({ origin, ended: endedThere, attempt }) => {
      const was = before?.attemptsByOrigin.find((each) => each.origin === origin)
      return { origin, ended: gainedEach(was?.ended, endedThere), attempt: gainedIn(was?.attempt, attempt) }
    }),
  }
}

function phasesBetween(before: ClientFigures | undefined, { phases }: ClientFigures): PhaseTotals {
  return gainedEach({ ...before?.phases }, { ...phases }) as unknown as PhaseTotals
}

function operationsBetween(
  before: ClientSnapshot | undefined,
  now: ClientSnapshot,
): ClientDone['operations'] {
  return Object.fromEntries(
    Object.entries(now.operations).map(([name, { total_requests, failed_requests, total_attempts }]) => {
      const counts = { total_requests, failed_requests, total_attempts }
      const was = before?.operations[name]
      return [name, gainedEach({ ...was }, counts) as unknown as OperationDone]
    }),
  )
}

function onlyOrigin({ endpoints, guards }: ClientSnapshot): string | null {
  const origins = originsOf({ endpoints, guards })
  return origins.size === 1 ? [...origins][0]! : null
}

/** Where a client's calls go, as far as it is known. */
export function originsOf({ endpoints, guards }: Pick<ClientSnapshot, 'endpoints' | 'guards'>): Set<string> {
  return new Set([...endpoints.map(originOf), ...guards.map(({ origin }) => origin)])
}

function originOf(url: string): string {
  return URL.parse(url)?.origin ?? url
}
