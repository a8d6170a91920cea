/** What comes over the wire, judged before it is believed: a page and a service may be of different ages. */
import type { WireSlice, WireTick } from '../wire.ts'

const VERSION = 1

export type Message =
  | { readonly kind: 'history'; readonly slices: readonly WireSlice[] }
  | { readonly kind: 'tick'; readonly tick: WireTick }
  | { readonly kind: 'problem'; readonly text: string }

export function readMessage(kind: 'history' | 'tick', data: string): Message {
  let value: unknown
  try {
    value = JSON.parse(data)
  } catch {
    return problem('The service sent something that is no JSON.')
  }
  if (kind === 'history') {
    return Array.isArray(value) && value.every(isSlice)
      ? { kind, slices: value }
      : problem('The service sent a history that this page does not understand. Reload the page.')
  }
  if (!isRecord(value) || !isRecord(value['snapshot'])) return problem('The service sent an incomplete tick.')
  const { version, clients, pools, process } = value['snapshot']
  if (version !== VERSION) {
    return problem(`The service speaks version ${String(version)}, this page ${VERSION}. Reload the page.`)
  }
  if (!Array.isArray(clients) || !Array.isArray(pools) || !isRecord(process)) {
    return problem('The service sent an incomplete snapshot.')
  }
  const lists = {
    rows: asArray(value['rows']).filter(isSlice),
    verdicts: asArray(value['verdicts']),
    processes: asArray(value['processes']),
  }
  const snapshot = { ...value['snapshot'], events: asArray(value['snapshot']['events']) }
  return { kind, tick: { ...value, snapshot, ...lists } as unknown as WireTick }
}

function isSlice(value: unknown): value is WireSlice {
  return (
    isRecord(value) &&
    typeof value['client'] === 'string' &&
    Number.isSafeInteger(value['from']) &&
    Number.isSafeInteger(value['seconds']) &&
    isRecord(value['series'])
  )
}

function problem(text: string): Message {
  return { kind: 'problem', text }
}

function asArray(value: unknown): unknown[] {
  return Array.isArray(value) ? value : []
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
