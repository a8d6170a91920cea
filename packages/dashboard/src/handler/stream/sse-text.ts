/** Server-sent events as text. What is the same for all who watch is made once for all of them. */
import type { HistorySlice, Sight } from '../observed.ts'
import { newer } from './rows.ts'

/** How long a browser waits before it comes again by itself, in ms. */
const RETRY = 2_000

export const opening = `retry: ${RETRY}\n\n`

/** Says that the stream lives; whoever reads it hears nothing. */
export const heartbeat = ': here\n\n'

export function historyEvent(rows: readonly HistorySlice[], id: number): string {
  return event('history', JSON.stringify(rows), id)
}

/** Makes the ticks of one sight: those who have seen equally much are told the same. */
export class TickTexts {
  private readonly sight: Sight
  private readonly admin: boolean
  private readonly upTo: number
  private readonly made = new Map<number, string>()
  private shared: string | undefined

  /** @param upTo the newest second that is over */
  constructor(sight: Sight, upTo: number, admin: boolean) {
    this.sight = sight
    this.upTo = upTo
    this.admin = admin
  }

  /** For those who have seen everything up to the second `since`. */
  after(since: number): string {
    let text = this.made.get(since)
    if (text === undefined) {
      this.shared ??= this.sharedPart()
      const rows = JSON.stringify(newer(this.sight.rows, since, this.upTo))
      text = event('tick', `{${this.shared},"rows":${rows}}`, this.upTo)
      this.made.set(since, text)
    }
    return text
  }

  private sharedPart(): string {
    const { view, snapshot, verdicts, processes } = this.sight
    return JSON.stringify({ view, processes, admin: this.admin, snapshot, verdicts }).slice(1, -1)
  }
}

/** JSON has no line breaks, so that one line is enough. */
function event(name: string, data: string, id: number): string {
  return `event: ${name}\nid: ${id}\ndata: ${data}\n\n`
}
