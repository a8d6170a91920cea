/** Gives the files of some sources to the queue as one batch, and follows them until each has come to its end. */
import { randomUUID } from 'node:crypto'
import type { ServiceContext } from '../routes/context.ts'
import { getDocumentSummary } from '../store/documents.ts'
import { contentHash } from '../store/identity.ts'
import { toDraft, type Draft } from './draft.ts'
import type { ClaimedJob } from './job-records.ts'
import type { Skipped } from './read-folder.ts'
import { readSources, type Source, type SourceItem } from './sources.ts'
import { MAX_ATTEMPTS } from './verdict.ts'
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

export class IndexRun {
  private readonly context: Pick<ServiceContext, 'db' | 'queue' | 'worker' | 'unfinished'>
  private readonly embeddingModel: string
  private readonly open = new Set<string>()
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
  private readonly unsubscribe: () => void
  private readonly startedAt = performance.now()
  private endedAt: number | undefined

  constructor(
    context: Pick<ServiceContext, 'db' | 'queue' | 'worker' | 'unfinished'>,
    embeddingModel: string,
  ) {
    this.context = context
    this.embeddingModel = embeddingModel
    this.takeLeftOver()
    this.unsubscribe = context.worker.subscribe((job, ended) => this.ended(job, ended))
  }

  /**
   * Reads the sources and queues what is new.
   *
   * @throws FolderError when a folder cannot be read.
   */
  async submit(sources: readonly Source[], name: string, signal?: AbortSignal): Promise<void> {
    const batch = { id: randomUUID(), name }
    let waiting: Draft[] = []
    for await (const item of readSources(sources, signal)) {
      const draft = this.take(item, batch)
      if (draft !== undefined) waiting.push(draft)
      if (waiting.length < AT_ONCE) continue
      this.enqueue(waiting)
      waiting = []
    }
    this.enqueue(waiting)
    this.reading = false
    this.settle()
  }

  /** Resolves when every document is indexed or given up. */
  wait(): Promise<void> {
    return this.finished.promise
  }

  private ended({ documentId }: ClaimedJob, ended: Ended): void {
    if (!this.open.has(documentId)) return
    if (ended === 'retrying') this.retried++
    const over = ended === 'succeeded' || ended === 'degraded' || ended === 'dead'
    // A document that was removed meanwhile is over, too.
    if (!over && this.context.queue.status(documentId) !== undefined) return
    this.open.delete(documentId)
    if (ended === 'dead') this.dead.push({ documentId, source: this.sources.get(documentId) ?? documentId })
    else this.done++
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

  private takeLeftOver(): void {
    const { queue } = this.context
    const { pending, failed, running } = queue.counts()
    for (const state of ['pending', 'failed', 'running'] as const) {
      const page = { limit: pending + failed + running, offset: 0 }
      if (page.limit > 0) for (const { documentId } of queue.list(state, page)) this.open.add(documentId)
    }
    this.leftOver = this.open.size
  }

  private take(item: SourceItem, batch: { id: string; name: string }): Draft | undefined {
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
    if (!this.isIndexed(draft)) return draft
    this.unchanged++
    return undefined
  }

  private isIndexed({ id, title, content, metadata }: Draft): boolean {
    const { db, queue, unfinished } = this.context
    const stored = getDocumentSummary(db, id)
    if (stored === undefined || stored.title !== title || stored.contentHash !== contentHash(content))
      return false
    if (stored.metadata['embedding_model'] !== metadata['embedding_model']) return false
    return queue.status(id)?.state === 'succeeded' && unfinished.get(id) === undefined
  }

  private enqueue(drafts: readonly Draft[]): void {
    const { db, queue, worker } = this.context
    if (drafts.length === 0) return
    db.durably(() => {
      for (const draft of drafts) {
        queue.enqueue(draft.id, draft, { now: Date.now(), maxAttempts: MAX_ATTEMPTS })
        this.open.add(draft.id)
        this.sources.set(draft.id, draft.source ?? draft.id)
      }
    })
    worker.wake()
  }

  private settle(): void {
    if (this.reading || this.open.size > 0) return
    this.endedAt ??= performance.now()
    this.unsubscribe()
    this.finished.resolve()
  }
}
