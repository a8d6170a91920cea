/** What is on the screen, and the choices of its reader. */
import { Cell, derived } from './cell.ts'
import { Columns } from './state/columns.ts'
import type { EventFilter } from './state/events.ts'
import { headlineOf, type Headline } from './state/headline.ts'
import { isStale, noLink, type Link } from './state/link.ts'
import { ordered, rowOf, type Row } from './state/rows.ts'
import { shown, start, type Screen } from './state/screen.ts'
import { rankOf } from './state/words.ts'
import type { WireClient } from './wire.ts'

export const screen: Cell<Screen> = new Cell(start)
export const link: Cell<Link> = new Cell(noLink)
/** Milliseconds since the page was opened; moves on by itself, for ages. */
export const now: Cell<number> = new Cell(performance.now())
/** What is shown is older than it should be. */
export const stale: Cell<boolean> = new Cell(false)
export const filter: Cell<EventFilter> = new Cell({ text: '', kind: '', onlySelected: false })
/** The row of the charts that the pointer, or the arrow keys, are at; null where they are nowhere. */
export const cursor: Cell<number | null> = new Cell<number | null>(null)
/** The charts that show their table. */
export const tables: Cell<ReadonlySet<string>> = new Cell<ReadonlySet<string>>(new Set())

let order: readonly string[] = []
let settled: string | undefined
const nothing = new Columns(1)

export function moveOn(): void {
  now.value = performance.now()
  stale.value = isStale(link.value, now.value)
}

export const rows: () => readonly Row[] = derived(
  () => screen.value,
  (current) => {
    const seen = shown(current)
    if (seen === undefined) return []
    const { tick, until } = seen
    const made = tick.snapshot.clients.map((client) =>
      rowOf(client, tick, current.columns.get(client.name) ?? nothing, until),
    )
    const next = ordered(made, order)
    order = next.map(({ name }) => name)
    return next
  },
)

export const headline: () => Headline | undefined = derived(
  () => screen.value,
  (current) => {
    const seen = shown(current)
    return seen && headlineOf(seen.tick, rows())
  },
)

/**
 * The client that the lower half is about: the one that was chosen; before anybody chose, the worst when the page was
 * opened, until it is well and another is not.
 */
export const selected: () => WireClient | undefined = derived(
  () => screen.value,
  (current) => {
    const clients = shown(current)?.tick.snapshot.clients ?? []
    const chosen = clients.find(({ name }) => name === current.selected)
    if (chosen !== undefined) return chosen
    const [worst] = rows()
    const before = rows().find(({ name }) => name === settled)
    const stays = before !== undefined && (rankOf(before.level) > 1 || rankOf(worst!.level) <= 1)
    if (!stays) settled = worst?.name
    return clients.find(({ name }) => name === settled)
  },
)
