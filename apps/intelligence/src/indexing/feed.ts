/** What happens to documents, as it happens: numbered, so that whoever lost the connection goes on where it was. */
import { randomBytes } from 'node:crypto'
import type { StageName } from './findings.ts'
import type { StageState } from './job-records.ts'
import type { Ended } from './attempt.ts'

export type IndexEvent =
  | { readonly type: 'accepted'; readonly document: string; readonly batch: string | null }
  | {
      readonly type: 'stage'
      readonly document: string
      readonly stage: StageName
      readonly state: StageState
      readonly attempt: number
    }
  | { readonly type: 'ended'; readonly document: string; readonly outcome: Ended; readonly attempt: number }
  | { readonly type: 'removed'; readonly document: string }
  /** A process that shares the store: it came, it went, or it fell silent and others have its documents. */
  | { readonly type: 'process'; readonly process: string; readonly change: 'joined' | 'left' | 'died' }

export interface NumberedEvent {
  /** Greater with every event of one log. */
  readonly id: string
  readonly event: IndexEvent
}

/** Told with each event. */
export type FeedListener = (numbered: NumberedEvent) => void

/** The events of all processes that share a store, in one order, the same for all of them. */
export interface Feed {
  /** Never waits and never throws: work goes on whoever listens. */
  tell(event: IndexEvent): void
  /**
   * Told of every event from now on, until the returned function is called.
   *
   * @param missed called when events were lost on the way here: states have to be asked for
   */
  follow(listener: FeedListener, missed?: () => void): () => void
  readonly followers: number
  /** Resolves when everything that was told up to now is known here, and can be asked for. */
  reach(): Promise<void>
  /** The documents of a batch, as far as their acceptance is still kept. */
  membersOf(batch: string): Set<string>
  /** What came after an event; undefined when that is not known any more, or was of another log. */
  after(id: string): readonly NumberedEvent[] | undefined
}

interface Follower {
  readonly told: FeedListener
  readonly missed: () => void
}

/** The log of one process, in memory: the newest events. */
export class IndexFeed implements Feed {
  private readonly kept: number
  private run = randomBytes(4).toString('hex')
  private readonly events: NumberedEvent[] = []
  private readonly listeners = new Set<Follower>()
  private last = 0

  /** @param kept how many events are kept for those who come back. */
  constructor(kept = 2_000) {
    this.kept = kept
  }

  tell(event: IndexEvent): void {
    const numbered = { id: `${this.run}-${++this.last}`, event }
    this.events.push(numbered)
    // Not one by one: that would move all of them each time.
    if (this.events.length >= 2 * this.kept) this.events.splice(0, this.events.length - this.kept)
    for (const { told } of this.listeners) told(numbered)
  }

  /** Forgets all of it and goes on as another log, or behind a hole in this one; whoever follows is told. */
  restart(run: string, last: number): void {
    this.run = run
    this.last = last
    this.events.length = 0
    for (const { missed } of this.listeners) missed()
  }

  follow(told: FeedListener, missed: () => void = () => {}): () => void {
    const follower = { told, missed }
    this.listeners.add(follower)
    return () => void this.listeners.delete(follower)
  }

  get followers(): number {
    return this.listeners.size
  }

  reach(): Promise<void> {
    return Promise.resolve()
  }

  membersOf(batch: string): Set<string> {
    const members = this.events.flatMap(({ event }) =>
      event.type === 'accepted' && event.batch === batch ? [event.document] : [],
    )
    return new Set(members)
  }

  after(id: string): readonly NumberedEvent[] | undefined {
    const [run, number] = id.split('-')
    const at = Number(number)
    const first = this.last - this.events.length + 1
    if (run !== this.run || !Number.isSafeInteger(at) || at < first - 1 || at > this.last) return undefined
    return this.events.slice(at - first + 1)
  }
}

/** The document that an event is about; undefined for what is told of processes. */
export function documentOf(event: IndexEvent): string | undefined {
  return 'document' in event ? event.document : undefined
}
