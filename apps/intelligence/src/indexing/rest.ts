/**
 * The queue rests while an upstream fails whatever it is given: no document is begun that could only fail. Then, if the
 * upstream answers at all, one document after the other, until one went through. Pure; time and chance come as arguments.
 */
import type { StageName } from './findings.ts'
import { backoff, type BackoffOptions } from './verdict.ts'

export interface Rest {
  /** Rests in a row. */
  readonly rests: number
  /** When the next document may be begun, on the clock that is passed in. */
  readonly until: number
  /** Whose upstream it was; undefined where it was none, such as our own store. */
  readonly stage: StageName | undefined
}

export const awake: Rest = { rests: 0, until: -Infinity, stage: undefined }

/** An upstream failed a document that had no part in it. */
export interface Trouble {
  readonly stage: StageName | undefined
  /** Milliseconds for which it asked, or 0. */
  readonly retryAfter: number
}

/** Milliseconds at most, unless the upstream asked for more: so long after its recovery the work goes on. */
const LONGEST_REST = 15_000

/** Documents that were under way at one time fail of the same, and make the rest no longer. */
export function restAfter(
  rest: Rest,
  { stage, retryAfter }: Trouble,
  now: number,
  { base, cap }: BackoffOptions,
  random: number,
): Rest {
  if (now < rest.until) return { ...rest, until: Math.max(rest.until, now + retryAfter) }
  const rests = rest.rests + 1
  const pauses = { base, cap: Math.min(cap, LONGEST_REST) }
  return { rests, until: now + backoff(rests, pauses, retryAfter, random), stage }
}

/** How many more documents may be begun. @param busy how many are under way */
export function roomAtRest({ rests, until }: Rest, now: number, busy: number): number {
  if (rests === 0) return Infinity
  return now < until ? 0 : Math.max(0, 1 - busy)
}
