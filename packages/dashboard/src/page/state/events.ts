/** The list of what happened: collected from tick to tick, newest first, bounded, and what of it is asked for. */
import type { WireEvent } from '../wire.ts'

export const MOST_EVENTS = 500

export interface EventFilter {
  readonly text: string
  readonly kind: string
  readonly onlySelected: boolean
}

/** Each tick brings the newest events, most of which came before; of a burst that goes on, its new count. */
export function mergeEvents(kept: readonly WireEvent[], came: readonly WireEvent[]): readonly WireEvent[] {
  const all = new Map(kept.map((event) => [eventKey(event), event]))
  let changed = false
  for (const event of came) {
    const key = eventKey(event)
    const before = all.get(key)
    if (before !== undefined && before.count === event.count) continue
    all.set(key, event)
    changed = true
  }
  if (!changed) return kept
  return [...all.values()].sort((a, b) => b.at - a.at || b.number - a.number).slice(0, MOST_EVENTS)
}

export function eventKey({ client, origin, number, at }: WireEvent): string {
  return `${client ?? ''}\n${origin}\n${number}\n${at}`
}

export function kindsOf(events: readonly WireEvent[]): string[] {
  return [...new Set(events.map(({ kind }) => kind))].sort()
}

/** `origins`: those of the selected client, `name` its name. */
export function filtered(
  events: readonly WireEvent[],
  { text, kind, onlySelected }: EventFilter,
  selected: { name: string; origins: ReadonlySet<string> } | undefined,
): WireEvent[] {
  const wanted = text.trim().toLowerCase()
  return events.filter((event) => {
    if (kind !== '' && event.kind !== kind) return false
    if (onlySelected && selected !== undefined && !concerns(event, selected)) return false
    return wanted === '' || searched(event).includes(wanted)
  })
}

function concerns(
  event: WireEvent,
  { name, origins }: { name: string; origins: ReadonlySet<string> },
): boolean {
  return event.client == null ? origins.has(event.origin) : event.client === name
}

function searched({ text, kind, origin, client }: WireEvent): string {
  return `${kind} ${client ?? ''} ${origin} ${text}`.toLowerCase()
}
