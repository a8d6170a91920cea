/**
 * What the service needs of a store: one interface, one suite of laws (`conformance/`), two makers: `openSqliteStore`
 * (a file, one process) and `openPostgresStore` (a server, any number of processes).
 *
 * Every method is one whole operation: all of it happens, or nothing. So nobody holds a transaction open across other
 * work, and a store may keep its parts wherever it likes. Times that are waited for are durations in milliseconds, not
 * moments: machines' clocks differ, the store's own counts. Moments that are told are milliseconds since 1970.
 *
 * @throws StoreError `invalid` for what no store can keep, `unavailable` when the server cannot be reached now.
 */
import type { Draft } from '../indexing/draft.ts'
import type {
  JobCounts,
  JobState,
  JobStatus,
  ClaimedJob,
  Lease,
  StageState,
} from '../indexing/job-records.ts'
import type { Feed } from '../indexing/feed.ts'
import type { Findings, StageName } from '../indexing/findings.ts'
import type { DocumentSummary, Entity, IndexedDocument, Json, StoredDocument } from './records.ts'
import type { DocumentCounts, Replaced } from './documents.ts'
import type { EntityHit, Found, Ranked, SearchFilters, SharedEntities } from './search-records.ts'

/** Who ranks vectors. `scan` reads them all: exact, and dearer with each document. */
export interface VectorEngineFacts {
  readonly kind: 'sqlite-vec' | 'pgvector' | 'scan'
  /** The extension's version, or why there is none. */
  readonly detail: string
}

export interface Page {
  readonly limit: number
  readonly offset: number
}

export interface Store extends AsyncDisposable {
  readonly kind: 'sqlite' | 'postgres'
  readonly vectors: VectorEngineFacts
  /** Milliseconds after which to look for jobs that another process brought; undefined where there is no other. */
  readonly pollInterval: number | undefined
  readonly documents: DocumentStore
  readonly search: SearchStore
  readonly jobs: JobStore
  readonly unfinished: UnfinishedStore
  /** What happens to documents in all processes that share the store. */
  readonly feed: Feed
  /** The processes that share it; undefined where there can be only one. */
  readonly processes: ProcessStore | undefined
  /** Resolves when it can be read and written. */
  check(): Promise<void>
  /** Waits for what is under way. Twice is the same as once. */
  close(): Promise<void>
}

export interface DocumentStore {
  /** Stores a document with all its parts in place of whatever was there under its id. The first `createdAt` stays. */
  replace(indexed: IndexedDocument): Promise<Replaced>
  /** Removes a document, its parts, its job and what is unfinished of it. False when nothing was known of it. */
  remove(id: string): Promise<boolean>
  get(id: string): Promise<StoredDocument | undefined>
  /** Without its parts. */
  summary(id: string): Promise<DocumentSummary | undefined>
  /** Those indexed last come first. */
  list(page: Page): Promise<DocumentSummary[]>
  counts(): Promise<DocumentCounts>
}

/** What the engines of the search find. Merging, paging and wording is the search's own affair. */
export interface SearchStore {
  /** The best chunk of each document that holds any of the words, best first; at most 200. */
  byWords(words: readonly string[], filters: SearchFilters): Promise<Ranked[]>
  /** The nearest chunk of each document, at least `minSimilarity` near (cosine), nearest first; at most 200. */
  byVector(
    query: Float32Array,
    minSimilarity: number,
    filters: SearchFilters & { readonly exceptDocument?: string },
  ): Promise<Ranked[]>
  /** What is shown of these chunks; one that is gone meanwhile is left out. */
  show(chunkIds: readonly number[], words: readonly string[]): Promise<Map<number, Found>>
  /** Most certain first. */
  entitiesOf(documentId: string): Promise<Entity[]>
  /** Entities whose name contains `name`: the very name, then those that begin with it, then the most mentioned. */
  entities(name: string, options: { readonly type?: string; readonly limit: number }): Promise<EntityHit[]>
  /** Documents that mention the same entities, best first: each name counts 1 / (documents that mention it). */
  sharingEntities(documentId: string): Promise<SharedEntities[]>
  /** The mean direction of a document's chunks; undefined when none has a direction. */
  meanVector(documentId: string): Promise<Float32Array | undefined>
  /** Sizes of the stored vectors. */
  dimensions(): Promise<number[]>
}

/** `after_current`: the worker that has it finishes, and then this one runs. */
export type Enqueued = 'created' | 'replaced' | 'after_current' | 'restarted'
/** `lost`: somebody else has the job by now, and nothing was changed. `again`: a newer version runs next. */
export type Completed = 'succeeded' | 'again' | 'lost'
export type Failed = 'retrying' | 'dead' | 'again' | 'lost'
export type Retried = 'ready' | 'unknown' | 'not_failed'

/** `uncounted`: the document had no part in it, so that the attempt is not among those it has; there is no last one. */
export type AfterFailure =
  { readonly retryIn: number; readonly uncounted?: boolean } | { readonly dead: true }

export interface StageReport {
  readonly stage: string
  readonly state: StageState
  readonly detail?: Json
  /** Milliseconds; of a stage that `complete` tells, left out: what the storing took. */
  readonly duration?: number | null
}

/** One job for each document. What was accepted stays until it succeeded or is discarded, whatever dies. */
export interface JobStore {
  /** Accepts documents, all or none; once this resolves, not even a power cut loses them. */
  enqueue(drafts: readonly Draft[], options?: { readonly maxAttempts?: number }): Promise<Enqueued[]>
  /** Takes up to `count` jobs that are due, the longest due first. No two claimers get the same one. */
  claim(count: number, lease: number): Promise<ClaimedJob[]>
  /** What to index; undefined when the lease was lost. */
  payload(job: Lease): Promise<Draft | undefined>
  /** Still at work. False when the lease was lost: stop. */
  heartbeat(job: Lease, lease: number): Promise<boolean>
  /**
   * Ends a job well and, in the same transaction, stores its document and forgets what was unfinished of it (unless
   * `degraded`): only when the lease still holds.
   */
  complete(
    job: Lease,
    results?: {
      readonly document?: IndexedDocument
      readonly degraded?: boolean
      readonly stages?: readonly StageReport[]
    },
  ): Promise<{ readonly outcome: Completed; readonly replaced: Replaced | undefined }>
  /** Ends an attempt badly: to be tried again after `retryIn` unless it was the last, or given up. */
  fail(job: Lease, reason: string, next: AfterFailure): Promise<Failed>
  /** Gives a job back untried: the attempt does not count. */
  release(job: Lease): Promise<boolean>
  /** False when the lease was lost. */
  recordStage(job: Lease, report: StageReport): Promise<boolean>
  /** Gives a dead job, or one that waits for its next attempt, all its attempts again, now. */
  retry(documentId: string): Promise<Retried>
  /** The same for all dead ones, the oldest first. @returns how many */
  redrive(limit: number): Promise<number>
  /** Forgets a document's job. Whoever holds it can no longer store its results. */
  discard(documentId: string): Promise<boolean>
  /**
   * Takes jobs back from workers that fell silent. `alone`: this process has just started and no other works on the
   * store, so that no lease has to be waited for; a store that is shared takes no notice of it.
   */
  recover(options?: { readonly alone?: boolean }): Promise<{ readonly ready: number; readonly dead: number }>
  status(documentId: string): Promise<JobStatus | undefined>
  /** Oldest first. */
  list(state: JobState, page: Page): Promise<JobStatus[]>
  counts(): Promise<JobCounts>
  /** Milliseconds until the next job is due, 0 or less when one is; undefined when none waits. */
  nextIn(): Promise<number | undefined>
}

export interface SharedProcess {
  readonly name: string
  /** By the store's own clock. */
  readonly startedAt: number
}

/** Processes that share a store know each other by name. What they become is told in the feed. */
export interface ProcessStore {
  /**
   * This process works on the store from now on, until `leave`, or until it says nothing for `silentAfter` ms (30 s).
   * Where a living one has the name, it gets a number behind it.
   */
  join(name: string, silentAfter?: number): Promise<SharedProcess>
  leave(): Promise<void>
  /** Those that are there, this one among them, in the order in which they came. */
  list(): Promise<SharedProcess[]>
  /** How many documents each has indexed since a moment of the store's clock, those that are gone among them. */
  shares(since: number): Promise<Map<string, number>>
  /** For whoever knows for certain that a process is dead: others take its jobs at once, and no lease is waited for. */
  bury(name: string): Promise<void>
}

export interface UnfinishedDocument {
  readonly documentId: string
  readonly failedStages: readonly StageName[]
  /** Repairs that were begun since it came. */
  readonly repairs: number
  /** When the next one begins by itself; null when only somebody's `retry` begins one. */
  readonly repairAt: number | null
}

/** Documents whose pipeline did not do everything: what it found so far, and when to try the rest again. */
export interface UnfinishedStore {
  /** Keeps what was found, for an attempt to come. The count of repairs goes on as long as the text is the same. */
  keep(id: string, hash: string, findings: Findings, failed: readonly StageName[]): Promise<void>
  /** Keeps it, and that the document is stored without what some stages should have found. Null: no repair by itself. */
  degrade(
    draft: Draft,
    hash: string,
    findings: Findings,
    failed: readonly StageName[],
    repairIn: number | null,
  ): Promise<void>
  /** What an earlier attempt found about the very same text. */
  findings(id: string, hash: string): Promise<Findings | undefined>
  forget(id: string): Promise<void>
  get(id: string): Promise<UnfinishedDocument | undefined>
  /** Documents that are searchable and lack something, the oldest first. */
  list(page: Page): Promise<UnfinishedDocument[]>
  count(): Promise<{
    readonly documents: number
    readonly byStage: Readonly<Partial<Record<StageName, number>>>
  }>
  nextIn(): Promise<number | undefined>
  due(limit: number): Promise<string[]>
  /** Makes a job of it again, which does what is left. False when its own job is not over. */
  repair(id: string): Promise<boolean>
  repairs(id: string): Promise<number>
}
