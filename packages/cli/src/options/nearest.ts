/**
 * The word that was probably meant, or undefined when none is close: at most a third of the letters, and always one, may
 * differ; or it is the only one that begins so.
 *
 * @example nearest('latncy', ['latency', 'rate']) // 'latency'
 */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const given = word.toLowerCase()
  const most = Math.max(1, Math.floor(given.length / 3))
  const [best] = known
    .map((candidate) => ({ candidate, edits: countEdits(given, candidate.toLowerCase()) }))
    .filter(({ edits }) => edits <= most)
    .toSorted((a, b) => a.edits - b.edits)
  if (best !== undefined) return best.candidate
  const begun = known.filter((candidate) => given !== '' && candidate.toLowerCase().startsWith(given))
  return begun.length === 1 ? begun[0] : undefined
}

/** How many letters must be added, removed, changed or swapped with the next to make one word of the other. */
function countEdits(from: string, to: string): number {
  let [beforeLast, last]: [number[], number[]] = [[], Array.from({ length: to.length + 1 }, (_, at) => at)]
  for (let row = 0; row < from.length; row++) {
    const current = [row + 1]
    for (let column = 1; column <= to.length; column++) {
      const changed = last[column - 1]! + (from[row] === to[column - 1] ? 0 : 1)
      const isSwapped = from[row] === to[column - 2] && from[row - 1] === to[column - 1]
      const swapped = isSwapped ? beforeLast[column - 2]! + 1 : Infinity
      current.push(Math.min(changed, swapped, last[column]! + 1, current[column - 1]! + 1))
    }
    ;[beforeLast, last] = [last, current]
  }
  return last[to.length]!
}
