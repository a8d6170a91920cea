/** Which of several earlier snapshots something is compared with. */
import type { ProcessSnapshot } from '../process-snapshot.ts'
import { ENOUGH, PREFERRED_WINDOW, SHORTEST_WINDOW } from './thresholds.ts'

/**
 * Those that can be compared with, the youngest first. Snapshots of another process, from the future, or too close say
 * nothing.
 */
export function comparable(
  before: ProcessSnapshot | readonly ProcessSnapshot[] | undefined,
  now: ProcessSnapshot,
): ProcessSnapshot[] {
  return [before ?? []]
    .flat()
    .filter(({ process, at }) => process.pid === now.process.pid && now.at - at >= SHORTEST_WINDOW)
    .filter(({ process }) => process.uptime <= now.process.uptime)
    .sort((one, other) => other.at - one.at)
}

/**
 * What was is best seen in the shortest time in which enough happened: what began a moment ago is not lost in the minute
 * before it, and is over when it is over. Whoever is called seldom needs the longest.
 *
 * @param find what it is compared with; undefined where it did not exist yet.
 * @param came how much happened since.
 */
export function chosen<Part>(
  earlier: readonly ProcessSnapshot[],
  now: ProcessSnapshot,
  find: (snapshot: ProcessSnapshot) => Part | undefined,
  came: (part: Part) => number,
): { readonly part: Part; readonly at: ProcessSnapshot } | undefined {
  const known = earlier.flatMap((snapshot) => {
    const part = find(snapshot)
    return part === undefined ? [] : [{ part, at: snapshot }]
  })
  const isEnough = known.find(({ part, at }) => now.at - at.at >= PREFERRED_WINDOW && came(part) >= ENOUGH)
  return isEnough ?? known.at(-1)
}
