/** Takes jobs from the queue and runs them, a few at once, until it is told to stop. */
import { NoLongerWanted } from './deliver.ts'
import type { Draft } from './draft.ts'
import type { ClaimedJob } from './job-records.ts'
import { StageError, type Indexed, type Pipeline } from './pipeline.ts'
import type { JobQueue } from './queue.ts'
import type { UnfinishedDocuments } from './unfinished.ts'
import { backoff, judgeFailure, type BackoffOptions } from './verdict.ts'

/** How an attempt ended, for whoever watches. */
export type Ended = 'succeeded' | 'degraded' | 'again' | 'retrying' | 'dead' | 'lost' | 'released'

export type EndListener = (job: ClaimedJob, ended: Ended) => void

export interface WorkerLog {
  warn(facts: object, text: string): void
  error(facts: object, text: string): void
}

export interface WorkerOptions {
  readonly queue: JobQueue<Draft>
  readonly pipeline: Pick<Pipeline, 'run'>
  readonly unfinished: UnfinishedDocuments
  /** Documents at once. Default 4. */
  readonly concurrency?: number
  /** Milliseconds after which a worker that says nothing is taken for dead. Default 30 s. */
  readonly lease?: number
  /** Pauses between attempts. Default 1 s to 60 s. */
  readonly backoff?: BackoffOptions
  readonly log?: WorkerLog
  readonly now?: () => number
  readonly random?: () => number
}

interface Running {
  readonly job: ClaimedJob
  readonly controller: AbortController
  readonly ended: Promise<void>
}

/** Why a run was ended from outside. */
const stopped = new Error('the service is stopping')
const leaseLost = new Error('the lease was lost')

/** Longest sleep, so that a timer never counts further than it can. */
const LONGEST_SLEEP = 60_000

export class IndexWorker {
  private readonly options: WorkerOptions
  private readonly concurrency: number
  private readonly lease: number
  private readonly now: () => number
  private readonly running = new Map<string, Running>()
  private readonly listeners = new Set<EndListener>()
  private timer: NodeJS.Timeout | undefined
  private watch: NodeJS.Timeout | undefined
  private state: 'new' | 'working' | 'stopping' = 'new'
  private looking = false

  constructor(options: WorkerOptions) {
    this.options = options
    this.concurrency = options.concurrency ?? 4
    this.lease = options.lease ?? 30_000
    this.now = options.now ?? Date.now
  }

  get busy(): number {
    return this.running.size
  }

  /** Takes back what a process that died left running, and begins. */
  start(): void {
    if (this.state !== 'new') return
    this.state = 'working'
    this.options.queue.recover(this.now(), { restart: true })
    this.watch = setInterval(() => this.guarded(() => this.keepLeases()), this.lease / 3)
    this.wake()
  }

  /** Something may be due: a new document, a retry. */
  wake(): void {
    if (this.state !== 'working' || this.looking) return
    this.looking = true
    // After whoever called: many documents that come in one go are looked at once.
    setImmediate(() => {
      this.looking = false
      this.guarded(() => this.look())
    })
  }

  /** Tells how each attempt ends, until the returned function is called. */
  subscribe(listener: EndListener): () => void {
    this.listeners.add(listener)
    return () => void this.listeners.delete(listener)
  }

  /** Ends the run of a document that is no longer wanted. */
  cancel(documentId: string): void {
    this.running.get(documentId)?.controller.abort(leaseLost)
  }

  /**
   * Takes no further job, lets those under way finish for `timeout` ms, then ends the rest and gives them back to the
   * queue; their attempts do not count.
   */
  async stop({ timeout = 10_000 }: { readonly timeout?: number } = {}): Promise<void> {
    this.state = 'stopping'
    clearTimeout(this.timer)
    clearInterval(this.watch)
    const all = (): Promise<unknown> => Promise.all([...this.running.values()].map(({ ended }) => ended))
    const late = setTimeout(() => {
      for (const { controller } of this.running.values()) controller.abort(stopped)
    }, timeout)
    // Leases are kept until the end, or another process would begin the same documents.
    const keeper = setInterval(() => this.guarded(() => this.keepLeases()), this.lease / 3)
    await all()
    clearTimeout(late)
    clearInterval(keeper)
  }

  private look(): void {
    if (this.state !== 'working') return
    const { queue } = this.options
    this.beginRepairs()
    const free = this.concurrency - this.running.size
    if (free > 0) for (const job of queue.claim(free, this.lease, this.now())) this.begin(job)
    clearTimeout(this.timer)
    // With all hands full, the next one that is free looks again.
    if (this.running.size >= this.concurrency) return
    const due = Math.min(queue.nextAt() ?? Infinity, this.options.unfinished.nextAt() ?? Infinity)
    if (due !== Infinity) this.sleep(due - this.now())
  }

  private sleep(duration: number): void {
    this.timer = setTimeout(() => this.wake(), Math.min(Math.max(1, duration), LONGEST_SLEEP))
  }

  /** Degraded documents whose time has come become jobs again. */
  private beginRepairs(): void {
    const { queue, unfinished } = this.options
    for (const id of unfinished.due(this.now(), this.concurrency)) unfinished.repair(id, queue, this.now())
  }

  private keepLeases(): void {
    const { queue } = this.options
    for (const { job, controller } of this.running.values()) {
      if (!queue.heartbeat(job, this.lease, this.now())) controller.abort(leaseLost)
    }
    if (this.state !== 'working') return
    if (queue.recover(this.now()).ready > 0) this.wake()
  }

  private begin(job: ClaimedJob): void {
    const controller = new AbortController()
    const ended = this.attempt(job, controller.signal)
      .catch((error: unknown) => this.trouble(error))
      .finally(() => {
        this.running.delete(job.documentId)
        this.wake()
      })
    this.running.set(job.documentId, { job, controller, ended })
  }

  private async attempt(job: ClaimedJob, signal: AbortSignal): Promise<void> {
    const { queue, pipeline } = this.options
    try {
      const draft = queue.payload(job)
      if (draft === undefined) return this.tell(job, 'lost')
      const indexed = await pipeline.run(job, draft, signal, (stage, state, detail, duration) => {
        queue.recordStage(job, stage, state, detail, duration)
      })
      this.tell(job, this.succeed(job, indexed))
    } catch (error) {
      this.tell(job, this.end(job, error, signal))
    }
  }

  /** `stored` is the word of a search service elsewhere, which knows nothing of our queue. */
  private succeed(job: ClaimedJob, { outcome, degraded }: Indexed): Ended {
    const { queue, unfinished } = this.options
    const completed = outcome === 'stored' ? queue.complete(job, this.now()) : outcome
    if (completed !== 'succeeded') return completed
    if (degraded.length === 0) unfinished.forget(job.documentId)
    return degraded.length > 0 ? 'degraded' : 'succeeded'
  }

  private end(job: ClaimedJob, error: unknown, signal: AbortSignal): Ended {
    const { queue, log } = this.options
    if (error instanceof NoLongerWanted || signal.reason === leaseLost) return this.lose(job)
    if (signal.aborted) return queue.release(job, this.now()) ? 'released' : 'lost'
    const failure = error instanceof StageError ? error.failure : judgeFailure(error)
    const facts = {
      document: job.documentId,
      attempt: job.attempt,
      err: error instanceof StageError ? error.cause : error,
    }
    const reason = error instanceof StageError ? error.message : failure.reason
    if (failure.mayPass) log?.warn(facts, `indexing failed: ${reason}`)
    else log?.error(facts, `indexing failed for good: ${reason}`)
    const next = failure.mayPass
      ? { retryAt: this.now() + this.pause(job, failure.retryAfter) }
      : ({ dead: true } as const)
    return queue.fail(job, reason, next, this.now())
  }

  /**
   * Another has the job, or the document was removed: then what was found of it goes, too. Or it is stored already,
   * because the answer to the first delivery was lost on its way and the second came too late.
   */
  private lose({ documentId }: ClaimedJob): Ended {
    const { queue, unfinished } = this.options
    const status = queue.status(documentId)
    if (status === undefined) unfinished.forget(documentId)
    return status?.state === 'succeeded' ? 'succeeded' : 'lost'
  }

  private pause(job: ClaimedJob, retryAfter: number): number {
    const { backoff: options = { base: 1_000, cap: 60_000 }, random = Math.random } = this.options
    return backoff(job.attempt, options, retryAfter, random())
  }

  private tell(job: ClaimedJob, ended: Ended): void {
    for (const listener of this.listeners) listener(job, ended)
  }

  /** The database may be busy or full for a while: nothing is lost by looking again. */
  private guarded(work: () => void): void {
    try {
      work()
    } catch (error) {
      this.trouble(error)
    }
  }

  private trouble(error: unknown): void {
    this.options.log?.error({ err: error }, 'the queue cannot be worked on; looking again in a second')
    clearTimeout(this.timer)
    if (this.state === 'working') this.sleep(1_000)
  }
}
