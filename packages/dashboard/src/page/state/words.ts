/** What kinds and states are called on the screen. */
import type { Breaker, Level } from '../wire.ts'

const kinds: Readonly<Record<string, string>> = {
  pool_exhausted: 'pool exhausted',
  body_leak: 'unread bodies',
  stale_connections: 'stale connections',
  retry_storm: 'retry storm',
  breaker_flapping: 'breaker flapping',
  breaker_open: 'breaker open',
  slow_dependency: 'slow dependency',
  dns_tls: 'DNS or TLS trouble',
  churn: 'connection churn',
  loop_blocked: 'event loop blocked',
  queue_full: 'queue full',
  overloaded: 'overloaded',
  unreachable: 'unreachable',
  failing: 'failing',
  server_restart: 'server restarted',
  healthy: 'healthy',
}

/** Kinds may be added to the library later: one that is not known here is said in its own words. */
export function kindText(kind: string): string {
  return kinds[kind] ?? kind.replaceAll('_', ' ')
}

export const breakerText: Readonly<Record<Breaker, string>> = {
  closed: 'closed',
  'half-open': 'half-open',
  open: 'open',
}

export const levelText: Readonly<Record<Level, string>> = {
  ok: 'ok',
  info: 'note',
  warn: 'warning',
  critical: 'critical',
}

const ranks: Readonly<Record<string, number>> = { critical: 3, warn: 2, info: 1, ok: 0 }

/** How bad, from 0 on; a level that is not known counts as a warning. */
export function rankOf(level: string): number {
  return ranks[level] ?? 2
}

export function worse(a: Level, b: Level): Level {
  return rankOf(b) > rankOf(a) ? b : a
}

/** Of a breaker's numbers in the history: 0 closed, 1 half-open, 2 open. */
export function breakerOfNumber(value: number | null): Breaker | null {
  if (value === null || Number.isNaN(value)) return null
  return value >= 2 ? 'open' : value >= 1 ? 'half-open' : 'closed'
}
