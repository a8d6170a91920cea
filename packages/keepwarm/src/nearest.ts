/**
 * The name that was probably meant, or undefined when none is close: at most a third of the letters may differ.
 *
 * @example nearest('MAX_CONECTIONS', ['MAX_CONNECTIONS', 'MAX_QUEUE']) // 'MAX_CONNECTIONS'
 */
export function nearest(name: string, known: Iterable<string>): string | undefined {
  let best: string | undefined
  let least = Math.floor(name.length / 3)
  for (const candidate of known) {
    const edits = countEdits(name.toLowerCase(), candidate.toLowerCase())
    if (edits > least || (edits === least && best !== undefined)) continue
    best = candidate
    least = edits
  }
  return best
}

/** How many letters must be added, removed or changed to make one word of the other. */
export function countEdits(from: string, to: string): number {
  let previous = Array.from({ length: to.length + 1 }, (_, index) => index)
  for (let row = 0; row < from.length; row++) {
    const current = [row + 1]
    for (let column = 1; column <= to.length; column++) {
      const changed = (previous[column - 1] ?? 0) + (from[row] === to[column - 1] ? 0 : 1)
      current.push(Math.min(changed, (previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1))
    }
    previous = current
  }
  return previous[to.length] ?? 0
}
