/** Gives the files of some sources to the queue as one batch, and follows them until each has come to its end. */
import { randomUUID } from 'node:crypto'
import type { ServiceContext } from '../routes/context.ts'
import { toDraft, type Batch, type Draft } from './draft.ts'
import { takeIn } from './intake.ts'
import type { ClaimedJob } from './job-records.ts'
import type { Skipped } from './read-folder.ts'
import { readSources, type Source, type SourceItem } from './sources.ts'
import type { Ended } from './worker.ts'

export interface RunCounts {
  /** Documents that were read, those that are indexed already among them. */
  readonly read: number
  /** Left by an earlier run of the service, and done now. */
  readonly leftOver: number
  /** Indexed already, by the same model, and not changed since. */
  readonly unchanged: number
  /** Of those that had to be indexed. */
  readonly wanted: number
  readonly done: number
  readonly degraded: number
  /** Given up: the reason is in their status. */
  readonly dead: readonly { readonly documentId: string; readonly source: string }[]
  /** Attempts that failed and will be made again. */
  readonly retried: number
  readonly skipped: readonly (Skipped & { readonly source: string })[]
  /** Milliseconds from the first document to the end of the last. */
  readonly duration: number
}

/** Documents that are accepted in one transaction, which waits for the disk once. */
const AT_ONCE = 32

/** Documents that are looked at together, where other processes work on them. */
const LOOK_AT = 100

type RunContext = Pick<ServiceContext, 'store' | 'feed'> & {
  readonly worker: Pick<ServiceContext['worker'], 'subscribe' | 'wake'>
}

export class IndexRun {
  /** By which its documents are known in the feed of events. */
  readonly batchId: string = randomUUID()
  private readonly context: RunContext
  private readonly withLeftOver: boolean
  private poll: NodeJS.Timeout | undefined
  private readonly embeddingModel: string
  private readonly open = new Set<string>()
  /** Those of the open ones that are not in the queue yet: what the store says of them is of an earlier time. */
  private readonly coming = new Set<string>()
  private readonly finished = Promise.withResolvers<void>()
  private readonly skipped: (Skipped & { readonly source: string })[] = []
  private readonly dead: { documentId: string; source: string }[] = []
  private readonly sources = new Map<string, string>()
  private readonly seen = new Set<string>()
  private read = 0
  private leftOver = 0
  private unchanged = 0
  private done = 0
  private degraded = 0
  private retried = 0
  private reading = true
  private unsubscribe: () => void
  private readonly startedAt = performance.now()
  private endedAt: number | undefined

  /** @param withLeftOver whether what earlier runs left in the queue is followed, too. */
  constructor(context: RunContext, embeddingModel: string, withLeftOver = true) {
    this.context = context
    this.embeddingModel = embeddingModel
    this.withLeftOver = withLeftOver
    this.unsubscribe = context.worker.subscribe((job, ended) => void this.ended(job, ended))
    const { pollInterval } = context.store
    if (pollInterval === undefined) return
    this.poll = setInterval(() => void this.lookAtOthers(), pollInterval)
    this.poll.unref()
  }

  /**
   * Reads the sources and queues what is new.
   *
   * @throws FolderError when a folder cannot be read.
   */
  async submit(sources: readonly Source[], name: string, signal?: AbortSignal): Promise<void> {
    try {
      await this.readAll(sources, { id: this.batchId, name }, signal)
    } finally {
      // Also when it could not be read to its end: what was queued is followed to its own.
      this.reading = false
      this.settle()
    }
  }

  private async readAll(
    sources: readonly Source[],
    batch: Batch,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    if (this.poll !== undefined) await this.followOthers()
    if (this.withLeftOver) await this.takeLeftOver()
    let waiting: Draft[] = []
    try {
      for await (const item of readSources(sources, signal)) {
        const draft = this.take(item, batch)
        if (draft !== undefined) waiting.push(draft)
        if (waiting.length < AT_ONCE) continue
        await this.enqueue(waiting)
        waiting = []
      }
    } finally {
      // What was read is indexed, whatever became of the rest; unless nobody wants any more of it.
      if (signal?.aborted !== true) await this.enqueue(waiting)
    }
  }

  get isOver(): boolean {
    return this.endedAt !== undefined
  }

  /** Resolves when every document is indexed or given up. */
  wait(): Promise<void> {
    return this.finished.promise
  }

  /** Attempts that fail in other processes are told in the feed, as those of this one are. */
  private async followOthers(): Promise<void> {
    const { feed } = this.context
    await feed.reach()
    const leave = feed.follow(({ event }) => {
      if (event.type === 'ended' && comesAgain(event.outcome) && this.open.has(event.document)) this.retried++
    })
    const own = this.unsubscribe
    this.unsubscribe = () => {
      own()
      leave()
    }
  }

  /** Other processes end documents of ours without telling us. */
  private async lookAtOthers(): Promise<void> {
    const { jobs, unfinished } = this.context.store
    const waiting = [...this.open].filter((id) => !this.coming.has(id))
    for (const id of waiting.slice(0, LOOK_AT)) {
      const state = await jobs.status(id).then(
        (status) => status?.state ?? 'removed',
        () => 'unknown',
      )
      if (state === 'dead') this.over(id, 'dead')
      else if (state === 'removed') this.over(id, 'succeeded')
      else if (state === 'succeeded') {
        const lacking = await unfinished.get(id).catch(() => undefined)
        this.over(id, lacking === undefined ? 'succeeded' : 'degraded')
      } else if (this.open.delete(id)) this.open.add(id) // behind the others, whose turn it is next
    }
  }

  private async ended({ documentId }: ClaimedJob, ended: Ended): Promise<void> {
    if (!this.open.has(documentId)) return
    if (this.poll === undefined && comesAgain(ended)) this.retried++
    const over = ended === 'succeeded' || ended === 'degraded' || ended === 'dead'
    // A document that was removed meanwhile is over, too.
    if (!over && (await this.context.store.jobs.status(documentId)) !== undefined) return
    this.over(documentId, ended)
  }

  private over(documentId: string, ended: Ended): void {
    if (!this.open.delete(documentId)) return
    if (ended === 'dead') this.dead.push({ documentId, source: this.sources.get(documentId) ?? documentId })
    else this.done++
    this.sources.delete(documentId)
    if (ended === 'degraded') this.degraded++
    this.settle()
  }

  counts(): RunCounts {
    return {
      read: this.read,
      leftOver: this.leftOver,
      unchanged: this.unchanged,
      done: this.done,
      degraded: this.degraded,
      retried: this.retried,
      wanted: this.open.size + this.done + this.dead.length,
      dead: [...this.dead],
      skipped: this.skipped,
      duration: (this.endedAt ?? performance.now()) - this.startedAt,
    }
  }

  private async takeLeftOver(): Promise<void> {
    const { jobs } = this.context.store
    const { pending, failed, running } = await jobs.counts()
    for (const state of ['pending', 'failed', 'running'] as const) {
      const page = { limit: pending + failed + running, offset: 0 }
      if (page.limit === 0) return
      for (const { documentId } of await jobs.list(state, page)) this.open.add(documentId)
    }
    this.leftOver = this.open.size
  }

  private take(item: SourceItem, batch: Batch): Draft | undefined {
    if (item.kind === 'skipped') {
      this.skipped.push(item)
      return undefined
    }
    const { title, content, source, type, modifiedAt } = item
    const metadata = { size: item.size, embedding_model: this.embeddingModel }
    const draft = toDraft({ title, content, source, type, metadata, modifiedAt, batch }, Date.now())
    this.read++
    if (this.seen.has(draft.id)) return undefined
    this.seen.add(draft.id)
    return draft
  }

  private async enqueue(drafts: readonly Draft[]): Promise<void> {
    // Before they can end.
    for (const draft of drafts) {
      this.open.add(draft.id)
      this.coming.add(draft.id)
      this.sources.set(draft.id, draft.source ?? draft.id)
    }
    const taken = await takeIn(this.context, drafts).finally(() => {
      for (const { id } of drafts) this.coming.delete(id)
    })
    for (const [index, { id }] of drafts.entries()) {
      if (taken[index] !== 'unchanged') continue
      this.open.delete(id)
      this.sources.delete(id)
      this.unchanged++
    }
  }

  private settle(): void {
    if (this.reading || this.open.size > 0) return
    this.endedAt ??= performance.now()
    clearInterval(this.poll)
    this.unsubscribe()
    this.finished.resolve()
  }
}

function comesAgain(ended: Ended): boolean {
  return ended === 'retrying' || ended === 'waiting'
}
