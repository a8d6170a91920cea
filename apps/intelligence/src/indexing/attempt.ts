/** One attempt at one job, from its claim to how it ended. */
import type { Answering } from './answering.ts'
import type { Store } from '../store/store.ts'
import { runAs, workOf } from '../trace/current.ts'
import { NoLongerWanted } from './deliver.ts'
import type { StageName } from './findings.ts'
import type { ClaimedJob, StageState } from './job-records.ts'
import { StageError, type Indexed, type Pipeline, type StageReport } from './pipeline.ts'
import type { Trouble } from './rest.ts'
import {
  backoff,
  isOwnFailure,
  judgeFailure,
  usualPauses,
  type BackoffOptions,
  type Failure,
} from './verdict.ts'
import type { WorkerLog } from './worker.ts'

/** How an attempt ended, for whoever watches. `waiting`: an upstream is down, and the attempt does not count. */
export type Ended = 'succeeded' | 'degraded' | 'again' | 'retrying' | 'waiting' | 'dead' | 'lost' | 'released'

export interface AttemptOptions {
  readonly store: Pick<Store, 'jobs' | 'unfinished'>
  readonly pipeline: Pick<Pipeline, 'run'>
  /** Pauses between attempts. Default 1 s to 60 s. */
  readonly backoff?: BackoffOptions
  /** Whether upstreams answer others. Default: they do, so that every failure is the document's own. */
  readonly answering?: Answering
  /** Told of trouble that was not the document's doing. @returns milliseconds until it may be tried again */
  readonly rest?: (trouble: Trouble) => number
  readonly log?: WorkerLog
  readonly random?: () => number
}

/** Why a run was ended from outside. */
export const stopped: Error = new Error('the service is stopping')
export const leaseLost: Error = new Error('the lease was lost')

/** Runs the pipeline for the request that brought the document. */
export async function attemptJob(
  options: AttemptOptions,
  job: ClaimedJob,
  signal: AbortSignal,
  tell: (stage: StageName, state: StageState) => void,
): Promise<Ended> {
  const { store, pipeline, answering } = options
  const began = performance.now()
  try {
    const draft = await store.jobs.payload(job)
    if (draft === undefined) return 'lost'
    const report: StageReport = async (stage, state, detail, duration) => {
      // One that an earlier attempt did takes no time, and asked nobody.
      if (state === 'succeeded' && duration !== 0) answering?.answered(stage, performance.now())
      await store.jobs.recordStage(job, { stage, state, detail, duration })
      tell(stage, state)
    }
    const work = workOf(draft.origin ?? {})
    return await succeed(options, job, await runAs(work, () => pipeline.run(job, draft, signal, report)))
  } catch (error) {
    return await end(options, job, error, signal, began)
  }
}

/** `stored` is the word of a search service elsewhere, which knows nothing of our queue. */
async function succeed(
  { store }: AttemptOptions,
  job: ClaimedJob,
  { outcome, degraded }: Indexed,
): Promise<Ended> {
  const completed = outcome === 'stored' ? (await store.jobs.complete(job)).outcome : outcome
  if (completed !== 'succeeded') return completed
  if (degraded.length > 0) return 'degraded'
  await store.unfinished.forget(job.documentId)
  return 'succeeded'
}

async function end(
  options: AttemptOptions,
  job: ClaimedJob,
  error: unknown,
  signal: AbortSignal,
  began: number,
): Promise<Ended> {
  const { store, log } = options
  if (error instanceof NoLongerWanted || signal.reason === leaseLost) return lose(options, job)
  if (signal.aborted) return (await store.jobs.release(job)) ? 'released' : 'lost'
  const failure = error instanceof StageError ? error.failure : judgeFailure(error)
  const err = error instanceof StageError ? error.cause : error
  const facts = { document: job.documentId, attempt: job.attempt, err }
  const reason = error instanceof StageError ? error.message : failure.reason
  if (failure.mayPass) log?.warn(facts, `indexing failed: ${reason}`)
  else log?.error(facts, `indexing failed for good: ${reason}`)
  if (!failure.mayPass) return store.jobs.fail(job, reason, { dead: true })
  if (await isOwn(options, failure, error, began)) {
    return store.jobs.fail(job, reason, { retryIn: pause(options, job, failure.retryAfter) })
  }
  const trouble = { stage: stageOf(error), retryAfter: failure.retryAfter }
  const retryIn = options.rest?.(trouble) ?? pause(options, job, failure.retryAfter)
  const ended = await store.jobs.fail(job, reason, { retryIn, uncounted: true })
  return ended === 'retrying' ? 'waiting' : ended
}

/** Whether it costs the document an attempt. Nobody is asked where that is clear. */
async function isOwn(
  { answering }: AttemptOptions,
  failure: Failure,
  error: unknown,
  began: number,
): Promise<boolean> {
  const stage = stageOf(error)
  if (failure.blame !== 'unclear' || answering === undefined || stage === undefined) {
    return isOwnFailure(failure, true)
  }
  return isOwnFailure(failure, await answering.answersOthers(stage, began, () => performance.now()))
}

function stageOf(error: unknown): StageName | undefined {
  return error instanceof StageError ? error.stage : undefined
}

/**
 * Another has the job, or the document was removed: then what was found of it goes, too. Or it is stored already,
 * because the answer to the first delivery was lost on its way and the second came too late.
 */
async function lose({ store }: AttemptOptions, { documentId }: ClaimedJob): Promise<Ended> {
  const status = await store.jobs.status(documentId)
  if (status === undefined) await store.unfinished.forget(documentId)
  return status?.state === 'succeeded' ? 'succeeded' : 'lost'
}

function pause(options: AttemptOptions, job: ClaimedJob, retryAfter: number): number {
  const { backoff: pauses = usualPauses, random = Math.random } = options
  return backoff(job.attempt, pauses, retryAfter, random())
}
