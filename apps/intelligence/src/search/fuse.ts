/** The usual constant of reciprocal rank fusion: the larger, the less the very first places count. */
const RRF_K = 60

export interface Fused {
  readonly id: string
  /** Sum of 1 / (60 + rank) over the lists that hold it. */
  readonly score: number
  /** Its place in each list, from 1; undefined where it is missing. */
  readonly ranks: readonly (number | undefined)[]
}

/**
 * Merges rankings whose scores cannot be compared, by their ranks alone. Best first; equal ones by id, so that
 * pages never overlap.
 *
 * @example fuseRanks([['a', 'b'], ['b']])   // b first: it is in both
 */
export function fuseRanks(lists: readonly (readonly string[])[]): Fused[] {
  const ranks = new Map<string, (number | undefined)[]>()
  for (const [place, list] of lists.entries()) {
    for (const [index, id] of list.entries()) {
      const known = ranks.get(id) ?? new Array<number | undefined>(lists.length).fill(undefined)
      known[place] ??= index + 1
      ranks.set(id, known)
    }
  }
  const fused = [...ranks].map(([id, places]) => ({ id, ranks: places, score: scoreOf(places) }))
  return fused.sort((a, b) => b.score - a.score || (a.id < b.id ? -1 : 1))
}

function scoreOf(places: readonly (number | undefined)[]): number {
  return places.reduce<number>((sum, rank) => (rank === undefined ? sum : sum + 1 / (RRF_K + rank)), 0)
}
