/**
 * What happened lately to a client, for people: a few lines, never one for each call that failed. What happens again and
 * again is one event whose count grows.
 */
import type { RecentEvent } from './snapshot.ts'

/** Events that are kept. */
const KEPT = 100
/** What comes again within so many ms belongs to the same burst, which is told anew after {@link LONGEST_BURST}. */
const BURST_GAP = 1_000
const LONGEST_BURST = 10_000
/** Origins whose bursts are told apart. */
const MOST_BURSTS = 200
const LONGEST_TEXT = 160

export type EventKind =
  'breaker' | 'retry' | 'refused' | 'timeout' | 'closed' | 'dial' | 'leak' | 'race' | 'limit'

type Event = { -readonly [Key in keyof RecentEvent]: RecentEvent[Key] }

interface Burst {
  readonly event: Event
  readonly begunAt: number
  lastAt: number
}

export class EventLog {
  private readonly client: string
  private readonly wallClock: () => number
  private readonly events: Event[] = []
  private readonly bursts = new Map<string, Burst>()
  private last = 0

  constructor(client: string, wallClock: () => number) {
    this.client = client
    this.wallClock = wallClock
  }

  /** Something that is told each time. */
  tell(kind: EventKind, level: RecentEvent['level'], origin: string, text: string): void {
    this.add(kind, level, origin, text, 1)
  }

  /** Something that may happen a thousand times a second. `now`: ms on a clock that never jumps. */
  again(kind: EventKind, origin: string, text: string, now: number, count: number = 1): void {
    const key = `${kind} ${origin}`
    const burst = this.bursts.get(key)
    if (burst !== undefined && now - burst.lastAt < BURST_GAP && now - burst.begunAt < LONGEST_BURST) {
      burst.lastAt = now
      burst.event.count += count
      return
    }
    if (burst === undefined && this.bursts.size >= MOST_BURSTS) this.bursts.clear()
    this.bursts.set(key, { event: this.add(kind, 'warn', origin, text, count), begunAt: now, lastAt: now })
  }

  /** The events whose number is above `after`, oldest first. */
  recent(after: number = 0): RecentEvent[] {
    return this.events.filter(({ number }) => number > after).map((event) => ({ ...event }))
  }

  private add(kind: EventKind, level: Event['level'], origin: string, text: string, count: number): Event {
    const { client } = this
    const number = ++this.last
    const event: Event = {
      ...{ at: this.wallClock(), number, client, level, kind, origin, count },
      text: text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT - 1)}…` : text,
    }
    this.events.push(event)
    if (this.events.length > KEPT) this.events.shift()
    return event
  }
}
