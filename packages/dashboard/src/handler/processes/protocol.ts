/**
 * What processes say to each other: the one with the dashboard asks, the others answer. Nobody says anything while nobody
 * watches, but for the greeting.
 *
 *     primary ── who ──▶ worker        as soon as it is to be collected
 *     primary ◀─ hello ─ worker        then, and when the worker begins to report
 *     primary ── ask ──▶ worker        for every tick that is watched
 *     primary ◀─ answer ─ worker
 *
 * Plain JSON. Whoever hears another version, or something else, passes it over: the channel is the app's as well.
 */
import type { ProcessSnapshot } from 'keepwarm'
import type { HistorySlice, Verdict } from '../observed.ts'

const VERSION = 1

interface Frame {
  readonly keepwarm: 'dashboard'
  readonly version: typeof VERSION
}

export interface Who extends Frame {
  readonly type: 'who'
}

export interface Hello extends Frame {
  readonly type: 'hello'
  /** The pid, with `.thread` behind it in a worker thread. */
  readonly id: string
  readonly pid: number
  readonly name: string
}

export interface Ask extends Frame {
  readonly type: 'ask'
  readonly number: number
  /** Rows newer than this unix second. */
  readonly since: number
}

export interface Answer extends Frame {
  readonly type: 'answer'
  readonly number: number
  readonly snapshot: ProcessSnapshot
  readonly rows: readonly HistorySlice[]
  readonly verdicts: readonly Verdict[]
}

export type Message = Who | Hello | Ask | Answer

export const frame: Frame = { keepwarm: 'dashboard', version: VERSION }

/** Undefined for what is not ours, not of this version, or not whole. */
export function readMessage(given: unknown): Message | undefined {
  if (!isRecord(given) || given['keepwarm'] !== 'dashboard' || given['version'] !== VERSION) return undefined
  return isWhole(given) ? (given as unknown as Message) : undefined
}

function isWhole({
  type,
  id,
  pid,
  name,
  number,
  since,
  snapshot,
  rows,
  verdicts,
}: Record<string, unknown>): boolean {
  if (type === 'who') return true
  if (type === 'hello') return typeof id === 'string' && typeof name === 'string' && Number.isSafeInteger(pid)
  if (!Number.isSafeInteger(number)) return false
  if (type === 'ask') return Number.isSafeInteger(since)
  if (type !== 'answer' || !Array.isArray(rows) || !Array.isArray(verdicts)) return false
  return (
    isRecord(snapshot) &&
    snapshot['version'] === 1 &&
    ['clients', 'pools', 'events'].every((list) => Array.isArray(snapshot[list]))
  )
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
