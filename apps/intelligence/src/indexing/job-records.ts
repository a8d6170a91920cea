import type { Json } from '../store/records.ts'

/**
 * `pending` waits for its turn · `running` is leased to a worker · `succeeded` · `failed` will be tried again at
 * `retryAt` · `dead` was given up and waits for somebody to say `retry`.
 */
export type JobState = 'pending' | 'running' | 'succeeded' | 'failed' | 'dead'

export type StageState = 'running' | 'succeeded' | 'failed' | 'skipped'

/** What a worker holds while it works. Only the latest lease of a job counts. */
export interface Lease {
  readonly id: string
  readonly lease: number
}

export interface ClaimedJob extends Lease {
  readonly documentId: string
  /** This attempt's number, from 1. */
  readonly attempt: number
  readonly maxAttempts: number
}

export interface JobStage {
  readonly stage: string
  readonly state: StageState
  /** The attempt that reported it. */
  readonly attempt: number
  readonly detail: Json
  /** Milliseconds; null while it runs. */
  readonly duration: number | null
}

/** What became of a document's job. Times are milliseconds since 1970. */
export interface JobStatus {
  readonly id: string
  readonly documentId: string
  readonly state: JobState
  readonly attempts: number
  readonly maxAttempts: number
  /** Why the last attempt failed. */
  readonly reason: string | null
  readonly enqueuedAt: number
  readonly startedAt: number | null
  readonly finishedAt: number | null
  /** When a failed job is tried again. */
  readonly retryAt: number | null
  /** A newer version of the document came while this one ran, and runs next. */
  readonly againAfter: boolean
  /** In the order in which they were first reported. */
  readonly steps: readonly JobStage[]
}

export type JobCounts = Readonly<Record<JobState, number>>

export interface JobRow {
  readonly seq: number
  readonly document_id: string
  readonly state: JobState
  readonly attempts: number
  readonly max_attempts: number
  readonly run_at: number
  readonly lease: number
  readonly reason: string | null
  readonly enqueued_at: number
  readonly started_at: number | null
  readonly finished_at: number | null
}

export interface StageRow {
  readonly stage: string
  readonly state: StageState
  readonly attempt: number
  readonly detail: string | null
  readonly duration: number | null
}

export function toStatus(row: JobRow, againAfter: boolean, stages: readonly StageRow[]): JobStatus {
  return {
    id: jobId(row.seq),
    documentId: row.document_id,
    state: row.state,
    attempts: row.attempts,
    maxAttempts: row.max_attempts,
    reason: row.reason,
    enqueuedAt: row.enqueued_at,
    startedAt: row.started_at,
    finishedAt: row.finished_at,
    retryAt: row.state === 'failed' ? row.run_at : null,
    againAfter,
    steps: stages.map((stage) => ({
      ...stage,
      detail: stage.detail === null ? null : (JSON.parse(stage.detail) as Json),
    })),
  }
}

/** The job's name outside: safe in a URL, never used twice. */
export function jobId(seq: number): string {
  return `job_${seq}`
}

/** The row that a job's name means; -1, which no row has, for what is not a job's name. */
export function jobSeq(id: string): number {
  const digits = /^job_([1-9]\d{0,14})$/.exec(id)?.[1]
  return digits === undefined ? -1 : Number(digits)
}
