/** How long a breaker stays open, and how long a probe may take: numbers from numbers. */
import type { BreakerSettings } from './options.ts'

const SHORTEST_PROBE = 1_000
const LONGEST_PROBE = 30_000

/**
 * How long it stays open now, in ms. The first three probes come soon; only then does waiting longer help more than it
 * hurts. When the answer that opened it asks for more, it gets more, and a little on top, since it asks every client
 * for the same; but never more than `maxOpenFor`.
 *
 * @param reopenings that came one after another, 0 for the first opening.
 * @param random a number in [0, 1).
 * @example openTime(breakerDefaults, 3, 0.5, undefined) // 8750
 */
export function openTime(
  { openFor, maxOpenFor }: BreakerSettings,
  reopenings: number,
  random: number,
  retryAfter: number | undefined,
): number {
  const longest = Math.min(maxOpenFor, openFor * 2 ** Math.max(0, reopenings - 2))
  const own = longest * (0.75 + random / 4)
  if (retryAfter === undefined) return own
  return Math.max(own, Math.min(maxOpenFor, retryAfter + random * Math.min(1_000, retryAfter / 10)))
}

/**
 * How long a probe may take, in ms: short, so that a sick server costs a caller little. It doubles at each re-opening:
 * a server that is well again, but slower than it was, must get the time for an answer at some point.
 *
 * @param p99 what all but the slowest hundredth of the last answers took; undefined when unknown.
 * @example probeTime(breakerDefaults, 700, 0) // 1400
 */
export function probeTime(
  { probeTimeout }: BreakerSettings,
  p99: number | undefined,
  reopenings: number,
): number {
  if (probeTimeout !== undefined) return probeTimeout
  if (p99 === undefined) return LONGEST_PROBE
  return Math.min(LONGEST_PROBE, Math.max(SHORTEST_PROBE, 2 * p99) * 2 ** reopenings)
}
