/** The feed of all processes on one server: what each tells is written to a table, and read from there by those who follow. */
import {
  IndexFeed,
  type Feed,
  type FeedListener,
  type IndexEvent,
  type NumberedEvent,
} from '../../indexing/feed.ts'
import { EventLog, type LogEntry, type LogPage } from './event-log.ts'
import { Listener } from './listener.ts'
import type { Database } from './sql.ts'

/** Milliseconds that events wait for others, to be written together. */
const GATHER = 30
/** Events that are written at once, and that wait at most while the server is away; the oldest go, and that is told. */
const AT_ONCE = 500
const MOST_WAITING = 10_000
/** Milliseconds before writing is tried again. */
const AGAIN = 1_000
/** Events kept in memory for those who come back, and read at once. */
const KEPT = 2_000
const PAGE = 500
/** Milliseconds between two looks while a connection listens: it may have died without a word. */
const LOOK = 2_000

export interface SharedFeedOptions {
  /** Milliseconds between two looks while no connection listens. */
  readonly pollInterval: number
  readonly onError: (error: Error) => void
}

/**
 * Reads only once somebody follows. An event may be written twice when the connection breaks just as it is
 * acknowledged; it is never left out without `missed`.
 */
export class SharedFeed implements Feed {
  private readonly here = new IndexFeed(KEPT)
  private readonly log: EventLog
  private readonly db: Database
  private readonly options: SharedFeedOptions
  private readonly waiting: LogEntry[] = []
  private writing: Promise<void> | undefined
  private gather: NodeJS.Timeout | undefined
  private listener: Listener | undefined
  private look: NodeJS.Timeout | undefined
  private run: string | undefined
  private at = 0
  private reading: Promise<void> = Promise.resolve()
  private next: Promise<void> | undefined
  private closed = false

  constructor(db: Database, schema: string, options: SharedFeedOptions) {
    this.db = db
    this.options = options
    this.log = new EventLog(db, schema)
  }

  tell(event: IndexEvent): void {
    this.enter(event)
  }

  /** Tells those who follow that something was not told. */
  miss(): void {
    this.enter({ type: 'missed' })
  }

  follow(told: FeedListener, missed?: () => void): () => void {
    this.begin()
    return this.here.follow(told, missed)
  }

  get followers(): number {
    return this.here.followers
  }

  async reach(): Promise<void> {
    this.begin()
    while (this.waiting.length > 0) await this.write()
    await this.read()
  }

  membersOf(batch: string): Set<string> {
    return this.here.membersOf(batch)
  }

  after(id: string): readonly NumberedEvent[] | undefined {
    return this.here.after(id)
  }

  /** Writes what waits, once, and ends. */
  async close(): Promise<void> {
    this.closed = true
    clearTimeout(this.gather)
    clearTimeout(this.look)
    await this.listener?.close()
    await this.reading
    if (this.waiting.length > 0 || this.writing !== undefined) await this.write().catch(() => 'told already')
  }

  private enter(entry: LogEntry): void {
    if (this.closed) return
    this.waiting.push(entry)
    if (this.waiting.length > MOST_WAITING) {
      this.waiting.splice(0, this.waiting.length - MOST_WAITING / 2, { type: 'missed' })
    }
    this.writeLater(GATHER)
  }

  private writeLater(wait: number): void {
    this.gather ??= this.later(() => {
      this.gather = undefined
      void this.write().catch(() => 'told already')
    }, wait)
  }

  /** One at a time, in order. */
  private write(): Promise<void> {
    this.writing ??= this.writeAll().finally(() => (this.writing = undefined))
    return this.writing
  }

  private async writeAll(): Promise<void> {
    while (this.waiting.length > 0) {
      const some = this.waiting.splice(0, AT_ONCE)
      try {
        await this.log.append(some)
      } catch (error) {
        this.waiting.unshift(...some)
        this.failed(error)
        throw error
      }
    }
  }

  private failed(error: unknown): void {
    if (error instanceof Error) this.options.onError(error)
    if (!this.closed) this.writeLater(AGAIN)
  }

  private begin(): void {
    if (this.closed || this.listener !== undefined) return
    this.listener = new Listener(
      this.db,
      this.log.channel,
      () => void this.read().catch(() => 'looked for again'),
    )
    this.lookLater()
  }

  private lookLater(): void {
    const pause = this.listener?.listening === true ? LOOK : this.options.pollInterval
    this.look = this.later(() => {
      void this.read()
        .catch(() => 'looked for again')
        .finally(() => !this.closed && this.lookLater())
    }, pause)
  }

  /** Everything that is there when it is called, in order: one reader at a time, and at most one that waits. */
  private read(): Promise<void> {
    this.next ??= this.reading.then(() => {
      this.next = undefined
      return this.readAll()
    })
    const { next } = this
    this.reading = next.catch(() => {})
    return next
  }

  private async readAll(): Promise<void> {
    let page: LogPage
    do {
      if (this.closed) return
      page = await this.log.read(this.at, PAGE)
      // Another database, or an older state of this one, stands behind the name now; or nothing was read yet.
      if (page.run !== this.run || page.last < this.at) {
        page = await this.log.read(Math.max(0, page.last - KEPT), PAGE)
        this.goOn(page.run, (page.entries[0]?.number ?? page.last + 1) - 1)
      }
      this.take(page)
    } while (page.entries.length === PAGE)
  }

  private take({ run, entries }: LogPage): void {
    for (const { number, entry } of entries) {
      if (entry.type === 'missed') this.goOn(run, number)
      else {
        if (number !== this.at + 1) this.goOn(run, number - 1)
        this.at = number
        this.here.tell(entry)
      }
    }
  }

  private goOn(run: string, at: number): void {
    this.run = run
    this.at = at
    this.here.restart(run, at)
  }

  private later(work: () => void, wait: number): NodeJS.Timeout {
    return setTimeout(work, wait).unref()
  }
}
