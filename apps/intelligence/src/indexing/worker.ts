/** Takes jobs from the queue and runs them, a few at once, until it is told to stop. */
import type { Store } from '../store/store.ts'
import { attemptJob, leaseLost, stopped, type AttemptOptions, type Ended } from './attempt.ts'
import type { StageName } from './findings.ts'
import type { ClaimedJob, StageState } from './job-records.ts'
import { awake, restAfter, roomAtRest, type Rest, type Trouble } from './rest.ts'
import { usualPauses } from './verdict.ts'

export type { Ended } from './attempt.ts'

/** Told what happens to a document, as it happens. */
export interface WorkListener {
  /** A stage began or ended. */
  stage?(job: ClaimedJob, stage: StageName, state: StageState): void
  /** An attempt ended. */
  ended?(job: ClaimedJob, ended: Ended): void
}

export interface WorkerLog {
  warn(facts: object, text: string): void
  error(facts: object, text: string): void
}

export interface WorkerOptions extends AttemptOptions {
  readonly store: Pick<Store, 'jobs' | 'unfinished' | 'pollInterval'>
  /** Documents at once. Default 4. */
  readonly concurrency?: number
  /** Milliseconds after which a worker that says nothing is taken for dead. Default 30 s. */
  readonly lease?: number
  /** How many documents the upstreams would take now; no more are claimed. Default: any number. */
  readonly room?: () => number
}

interface Running {
  readonly job: ClaimedJob
  readonly controller: AbortController
  readonly ended: Promise<void>
}

/** Longest sleep, so that a timer never counts further than it can. */
const LONGEST_SLEEP = 60_000
/** Milliseconds before looking again whether the upstreams have room. */
const FULL_PAUSE = 100

export class IndexWorker {
  private readonly options: WorkerOptions
  private readonly concurrency: number
  private readonly lease: number
  private resting: Rest = awake
  private readonly stopped = new AbortController()
  private readonly running = new Map<string, Running>()
  private readonly listeners = new Set<WorkListener>()
  private timer: NodeJS.Timeout | undefined
  private keeper: NodeJS.Timeout | undefined
  private state: 'new' | 'working' | 'stopping' = 'new'
  private recovered = false
  /** `again`: something came while it was looking. */
  private looking: 'no' | 'yes' | 'again' = 'no'
  private look: Promise<void> = Promise.resolve()

  constructor(options: WorkerOptions) {
    this.options = options
    this.concurrency = options.concurrency ?? 4
    this.lease = options.lease ?? 30_000
  }

  get busy(): number {
    return this.running.size
  }

  /** Takes back what a process that died left running, and begins. */
  start(): void {
    if (this.state !== 'new') return
    this.state = 'working'
    this.keeper = setInterval(() => void this.guarded(() => this.keepLeases()), this.lease / 3)
    this.wake()
  }

  /** Something may be due: a new document, a retry. */
  wake(): void {
    if (this.state !== 'working') return
    if (this.looking !== 'no') return void (this.looking = 'again')
    this.looking = 'yes'
    // After whoever called: many documents that come in one go are looked at once.
    this.look = new Promise<void>((resolve) => setImmediate(resolve)).then(() => this.lookAround())
  }

  /** Tells what happens, until the returned function is called. */
  watch(listener: WorkListener): () => void {
    this.listeners.add(listener)
    return () => void this.listeners.delete(listener)
  }

  /** Tells how each attempt ends, until the returned function is called. */
  subscribe(ended: (job: ClaimedJob, ended: Ended) => void): () => void {
    return this.watch({ ended })
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
    this.stopped.abort(stopped)
    clearTimeout(this.timer)
    clearInterval(this.keeper)
    // What was claimed at the last moment is begun, and ends as the others do.
    await this.look
    const late = setTimeout(() => {
      for (const { controller } of this.running.values()) controller.abort(stopped)
    }, timeout)
    // Leases are kept until the end, or another process would begin the same documents.
    const keeper = setInterval(() => void this.guarded(() => this.keepLeases()), this.lease / 3)
    await Promise.all([...this.running.values()].map(({ ended }) => ended))
    clearTimeout(late)
    clearInterval(keeper)
  }

  private async lookAround(): Promise<void> {
    do {
      this.looking = 'yes'
      await this.guarded(() => this.lookOnce())
    } while ((this.looking as string) === 'again' && this.state === 'working')
    this.looking = 'no'
  }

  private async lookOnce(): Promise<void> {
    if (this.state !== 'working') return
    const { store, room = () => Infinity } = this.options
    clearTimeout(this.timer)
    if (!this.recovered) await store.jobs.recover({ alone: true })
    this.recovered = true
    for (const id of await store.unfinished.due(this.concurrency)) await store.unfinished.repair(id)
    const free = this.concurrency - this.running.size
    const count = Math.min(free, room(), await this.roomAfterRest())
    if (count > 0 && !this.stopped.signal.aborted)
      for (const job of await store.jobs.claim(count, this.lease)) this.begin(job)
    // With all hands full, the next one that is free looks again.
    if (this.running.size >= this.concurrency) return
    const next = [await store.jobs.nextIn(), await store.unfinished.nextIn(), store.pollInterval]
    const due = Math.min(...next.map((each) => each ?? Infinity))
    // What is due and has no room waits for the end of a rest, or for the upstreams' room.
    const rest = this.resting.until - performance.now()
    if (due !== Infinity) this.sleep(due > 0 ? due : rest > 0 ? rest : FULL_PAUSE)
  }

  private sleep(duration: number): void {
    clearTimeout(this.timer)
    this.timer = setTimeout(() => this.wake(), Math.min(Math.max(1, duration), LONGEST_SLEEP))
  }

  private async keepLeases(): Promise<void> {
    const { jobs } = this.options.store
    for (const { job, controller } of [...this.running.values()]) {
      if (!(await jobs.heartbeat(job, this.lease))) controller.abort(leaseLost)
    }
    if (this.state !== 'working') return
    if ((await jobs.recover()).ready > 0) this.wake()
  }

  private begin(job: ClaimedJob): void {
    const controller = new AbortController()
    const tell = (stage: StageName, state: StageState): void => {
      for (const listener of this.listeners) listener.stage?.(job, stage, state)
    }
    const rest = (trouble: Trouble): number => this.rest(trouble)
    const ended = attemptJob({ ...this.options, rest }, job, controller.signal, tell)
      .then((how) => {
        // What is required answered, if only to say that it does not want this one.
        if (how !== 'waiting' && how !== 'released' && how !== 'lost') this.resting = awake
        for (const listener of this.listeners) listener.ended?.(job, how)
      })
      .catch((error: unknown) => this.trouble(error))
      .finally(() => {
        this.running.delete(job.documentId)
        this.wake()
      })
    this.running.set(job.documentId, { job, controller, ended })
  }

  /** No further document is begun for a while. @returns milliseconds until one may be */
  private rest(trouble: Trouble): number {
    const { backoff = usualPauses, random = Math.random } = this.options
    const now = performance.now()
    this.resting = restAfter(this.resting, trouble, now, backoff, random())
    return this.resting.until - now
  }

  /** After a rest a canary goes first, so that no document is begun while the upstream answers nobody. */
  private async roomAfterRest(): Promise<number> {
    const { stage } = this.resting
    const room = roomAtRest(this.resting, performance.now(), this.running.size)
    const { answering } = this.options
    if (stage === undefined || answering === undefined || room === 0) return room
    if (await answering.ask(stage, () => performance.now(), this.stopped.signal)) return room
    this.rest({ stage, retryAfter: 0 })
    return 0
  }

  /** The store may be busy, full or away for a while: nothing is lost by looking again. */
  private async guarded(work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (error) {
      this.trouble(error)
    }
  }

  private trouble(error: unknown): void {
    this.options.log?.error({ err: error }, 'the queue cannot be worked on; looking again in a second')
    if (this.state === 'working') this.sleep(1_000)
  }
}
