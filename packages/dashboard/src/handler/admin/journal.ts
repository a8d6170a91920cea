/** What was done by hand, among the events that everybody who watches sees. */
import type { ProcessSnapshot, RecentEvent } from 'keepwarm'
import type { Done } from './acts.ts'

/** Kept, the oldest leaves first. */
const MOST = 50
/** Events of a snapshot. */
const MOST_SHOWN = 200

export class Journal {
  private readonly events: RecentEvent[] = []
  private number = 0

  /** @param at ms since 1970 */
  write({ client, origin, text }: Done, at: number): void {
    const number = ++this.number
    this.events.push({
      at,
      number,
      client,
      origin,
      level: 'warn',
      kind: 'admin',
      text: `by hand: ${text}`,
      count: 1,
    })
    if (this.events.length > MOST) this.events.shift()
  }

  into(snapshot: ProcessSnapshot): ProcessSnapshot {
    if (this.events.length === 0) return snapshot
    const events = [...snapshot.events, ...this.events].sort((a, b) => a.at - b.at)
    return { ...snapshot, events: events.slice(-MOST_SHOWN) }
  }
}
