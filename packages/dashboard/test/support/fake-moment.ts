/** One second of one client that does not exist. */
import type { WireHolder } from '../../src/page/wire.ts'

export interface Moment {
  /** Calls that ended, by how. */
  ok: number
  c4xx: number
  c5xx: number
  timeout: number
  connection: number
  refused: number
  breaker_open: number
  other: number
  cancelled: number
  retries: number
  hedges: number
  p50: number
  p95: number
  before: number
  queued: number
  connect: number
  send: number
  headers: number
  download: number
  inUse: number
  idle: number
  dialing: number
  waiting: number
  oldestWait: number
  limit: number
  breaker: 0 | 1 | 2
  opened: number
  closed: number
}

/** How one client behaves. */
export interface FakeClient {
  readonly name: string
  readonly origin: string
  readonly limit: number
  readonly protocol?: 'h1' | 'h2'
  /** Open HTTP/2 sessions. */
  readonly sessions?: number
  readonly serverIdle?: number
  readonly blockedBy?: string
  readonly lastFailure?: string
  readonly budget?: number
  /** `since`: seconds since the trouble began, below 0 before; `chance`: from 0 to 1, the same for the same second. */
  readonly at: (since: number, chance: (salt: number) => number) => Partial<Moment>
  readonly holders?: (since: number) => readonly Omit<WireHolder, 'connection'>[]
}

export const nothing: Moment = {
  ok: 0,
  c4xx: 0,
  c5xx: 0,
  timeout: 0,
  connection: 0,
  refused: 0,
  breaker_open: 0,
  other: 0,
  cancelled: 0,
  retries: 0,
  hedges: 0,
  p50: 0,
  p95: 0,
  before: 0,
  queued: 0,
  connect: 0,
  send: 0,
  headers: 0,
  download: 0,
  inUse: 0,
  idle: 0,
  dialing: 0,
  waiting: 0,
  oldestWait: 0,
  limit: 20,
  breaker: 0,
  opened: 0,
  closed: 0,
}

/** A client that is well: so many calls a second, each so many ms. */
export function calm(rate: number, ms: number): FakeClient['at'] {
  return (_, chance) => {
    const calls = whole(rate * (0.8 + 0.4 * chance(1)), chance(2))
    const slow = ms * (0.9 + 0.2 * chance(3))
    return {
      ok: calls,
      c4xx: chance(4) > 0.97 ? 1 : 0,
      p50: slow,
      p95: slow * (2 + chance(5)),
      ...split(slow, { queued: 0.01, send: 0.03, headers: 0.78, download: 0.18 }),
      inUse: Math.ceil((rate * ms) / 1_000 + chance(6)),
      idle: 1 + Math.round(2 * chance(Math.floor(7 + rate))),
    }
  }
}

/** Divides the mean duration of calls among phases. */
export function split(
  ms: number,
  shares: Partial<Record<'before' | 'queued' | 'connect' | 'send' | 'headers' | 'download', number>>,
): Partial<Moment> {
  return Object.fromEntries(Object.entries(shares).map(([phase, share]) => [phase, ms * share]))
}

/** A whole number whose mean is `value`. */
export function whole(value: number, chance: number): number {
  return Math.floor(value + chance)
}

/** From 0 to 1, always the same for the same name, second and salt. */
export function chanceOf(name: string, second: number): (salt: number) => number {
  return (salt) => {
    let hash = (second * 2_654_435_761 + salt * 40_503) >>> 0
    for (const char of name) hash = Math.imul(hash ^ char.charCodeAt(0), 16_777_619) >>> 0
    hash ^= hash >>> 15
    hash = Math.imul(hash, 2_246_822_519) >>> 0
    return ((hash ^ (hash >>> 13)) >>> 0) / 2 ** 32
  }
}
