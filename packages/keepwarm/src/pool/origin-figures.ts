/** What happened at one origin since it is known: plain numbers, that cost a request nothing but additions. */
import type { PoolCounters } from '../observe/pool-snapshot.ts'

/** Codes of failed dials that are told apart; a server behind odd ways shall not fill the memory. */
const MOST_CODES = 20
const OTHERS = 'other'

export function newCounters(): PoolCounters {
  return {
    requests: 0,
    reused: 0,
    lostUnsent: 0,
    lostRaces: 0,
    leaks: 0,
    dialed: 0,
    dialedFor: { first: 0, all_busy: 0, lost_race: 0, warm_up: 0, renewal: 0, minimum: 0, ahead: 0 },
    opened: 0,
    closed: {},
    refused: { queue_full: 0, acquire_timeout: 0, dial_failed: 0, closed: 0 },
  }
}

/** How long the parts of dials took that opened, in ms. */
export interface DialSums {
  count: number
  total: number
  dns: number
  tcp: number
  tls: number
}

export class OriginFigures {
  readonly counters: PoolCounters = newCounters()
  readonly dials: DialSums = { count: 0, total: 0, dns: 0, tcp: 0, tls: 0 }
  readonly failedDials: Record<string, number> = {}
  /** Requests that gave their connection back, and for how long they had had it in all, in ms. */
  readonly use = { count: 0, total: 0 }
  /** Connections that came to their end, dials apart, and the requests that they had been given. */
  readonly ended = { connections: 0, requests: 0 }
  /** When anything happened there. */
  touchedAt: number = -Infinity

  dialFailed(code: string): void {
    const { failedDials } = this
    const isKnown = Object.hasOwn(failedDials, code) || Object.keys(failedDials).length < MOST_CODES
    const name = isKnown ? code : OTHERS
    failedDials[name] = (failedDials[name] ?? 0) + 1
  }
}

/** The platform's word for what a dial died of. `net.connect` to several addresses reports all failures in one error. */
export function dialCode(error: unknown): string {
  const { code, errors, cause, name } = error as { [key in 'code' | 'errors' | 'cause' | 'name']?: unknown }
  if (typeof code === 'string') return code
  const within: unknown = Array.isArray(errors) ? errors[0] : cause
  if (typeof within === 'object' && within !== null) return dialCode(within)
  return typeof name === 'string' ? name : OTHERS
}
