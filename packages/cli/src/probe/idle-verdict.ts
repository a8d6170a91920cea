/** What connections that were left alone say of the server. */
import type { EndKind } from './wire.ts'

/** One that was only watched. */
export interface Watched {
  /** How long it had rested when it ended, or until it was no longer watched, in ms. */
  readonly rested: number
  /** undefined: it was still open. */
  readonly by: EndKind | undefined
  /** Bytes came before the end, such as a 408. */
  readonly unasked: number
}

/** One that got another request after a rest. */
export interface Tried {
  readonly rested: number
  readonly outcome: 'answered' | 'lost'
}

export type IdleFinding =
  /** The server closes it: the least and the most of what was seen, in ms. */
  | {
      readonly kind: 'closed'
      readonly after: number
      readonly most: number
      readonly by: EndKind
      readonly seen: number
      readonly unasked: boolean
    }
  /** It is forgotten on the way: no end was seen, and a request got no answer. */
  | { readonly kind: 'forgotten'; readonly answeredAfter: number; readonly lostAfter: number }
  /** It was still open, and still answered after so long. */
  | { readonly kind: 'kept'; readonly answeredAfter: number }
  /** The server ends each connection after one answer. */
  | { readonly kind: 'never' }
  /** There was not enough to see. */
  | { readonly kind: 'unknown' }

/** Two ends that differ by more than this share, or by more than this many ms, are not by one clock. */
const AGREE_SHARE = 0.2
const AGREE_MS = 500

export function idleFinding(watched: readonly Watched[], tried: readonly Tried[]): IdleFinding {
  const ends = watched.filter(({ by }) => by !== undefined)
  const lost = tried.filter(({ outcome }) => outcome === 'lost').map(({ rested }) => rested)
  const answered = tried.filter(({ outcome }) => outcome === 'answered').map(({ rested }) => rested)
  if (ends.length > 0) {
    const rests = ends.map(({ rested }) => rested)
    const by = ends[0]!.by!
    const unasked = ends.some((end) => end.unasked > 0)
    return {
      kind: 'closed',
      after: Math.min(...rests),
      most: Math.max(...rests),
      by,
      seen: ends.length,
      unasked,
    }
  }
  const answeredAfter = Math.max(0, ...answered.filter((rest) => rest < Math.min(...lost)))
  if (lost.length > 0) return { kind: 'forgotten', answeredAfter, lostAfter: Math.min(...lost) }
  return answered.length > 0 ? { kind: 'kept', answeredAfter } : { kind: 'unknown' }
}

/** Whether all those ends can be one timeout. */
export function agree({ after, most }: { readonly after: number; readonly most: number }): boolean {
  return most - after <= Math.max(AGREE_MS, AGREE_SHARE * after)
}

/** After which rests a request is tried, the longest last: each is half of the next one. */
export function restsToTry(maxIdle: number): number[] {
  const rests = [maxIdle]
  while (rests.length < 6 && rests[0]! / 2 >= 1_000) rests.unshift(rests[0]! / 2)
  return rests
}

/** `timeout` and `max` of a Keep-Alive header, in seconds and requests. */
export function keepAliveHint(header: string | string[] | undefined): { timeout?: number; max?: number } {
  const text = String(header ?? '')
  const [, timeout] = /\btimeout\s*=\s*"?(\d{1,9})/i.exec(text) ?? []
  const [, max] = /\bmax\s*=\s*"?(\d{1,9})/i.exec(text) ?? []
  return {
    ...(timeout !== undefined && { timeout: Number(timeout) }),
    ...(max !== undefined && { max: Number(max) }),
  }
}
