/** The strip of connections of one row: a sign for each place, or, where these would be too many, the shares of a bar. */
import type { Places } from './places.ts'

/** More places than these are drawn as a bar. */
export const MOST_GLYPHS = 64

export type Place = 'used' | 'dialing' | 'idle' | 'free'

export type Strip =
  | { readonly kind: 'glyphs'; readonly places: readonly Place[] }
  | { readonly kind: 'bar'; readonly shares: readonly { readonly place: Place; readonly share: number }[] }

export function stripOf({ kind, used, idle, dialing, limit }: Places): Strip {
  // Idle sessions of HTTP/2 are no places for requests: what is drawn is the requests.
  const rest: readonly [Place, number][] = kind === 'streams' ? [] : [['dialing', dialing], ['idle', idle]] // prettier-ignore
  const taken = rest.reduce((sum, [, many]) => sum + many, used)
  const total = Math.max(limit ?? taken, taken)
  const parts: readonly [Place, number][] = [['used', used], ...rest, ['free', total - taken]]
  if (total > MOST_GLYPHS) {
    return { kind: 'bar', shares: parts.map(([place, many]) => ({ place, share: many / total })) }
  }
  return { kind: 'glyphs', places: parts.flatMap(([place, many]) => new Array<Place>(many).fill(place)) }
}

/** What the strip says, in words. */
export function placesText({ kind, used, idle, dialing, limit, open }: Places): string {
  const of = limit === null ? '' : ` of ${limit}`
  if (kind === 'streams') {
    return `${used}${of} streams on ${open} HTTP/2 ${open === 1 ? 'session' : 'sessions'}`
  }
  return `${used}${of} in use, ${idle} idle${dialing === 0 ? '' : `, ${dialing} dialing`}`
}
