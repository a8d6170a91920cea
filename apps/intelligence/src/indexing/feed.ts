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

export interface NumberedEvent {
  /** Greater with every event, and of this process alone. */
  readonly id: string
  readonly event: IndexEvent
}

/** Told with each event. */
export type FeedListener = (numbered: NumberedEvent) => void

export class IndexFeed {
  private readonly kept: number
  private readonly run = randomBytes(4).toString('hex')
  private readonly events: NumberedEvent[] = []
  private readonly listeners = new Set<FeedListener>()
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
    for (const listener of this.listeners) listener(numbered)
  }

  /** Told of every event from now on, until the returned function is called. */
  follow(listener: FeedListener): () => void {
    this.listeners.add(listener)
    return () => void this.listeners.delete(listener)
  }

  get followers(): number {
    return this.listeners.size
  }

  /** The documents of a batch, as far as their acceptance is still kept. */
  membersOf(batch: string): Set<string> {
    const members = this.events.flatMap(({ event }) =>
      event.type === 'accepted' && event.batch === batch ? [event.document] : [],
    )
    return new Set(members)
  }

  /** What came after an event; undefined when that is not known any more, or was of another process. */
  after(id: string): readonly NumberedEvent[] | undefined {
    const [run, number] = id.split('-')
    const at = Number(number)
    const first = this.last - this.events.length + 1
    if (run !== this.run || !Number.isSafeInteger(at) || at < first - 1 || at > this.last) return undefined
    return this.events.slice(at - first + 1)
  }
}
