/**
 * How good a ranking is: normalised discounted cumulative gain. 1 is the best order there is, 0 finds nothing of use;
 * what stands lower counts less. Gains are 2^grade - 1.
 *
 * @param ranked ids, best first
 * @param wanted grades by id
 * @example ndcg(['b', 'a'], { a: 3 }, 10) // 0.63: the answer stands second
 */
export function ndcg(
  ranked: readonly string[],
  wanted: Readonly<Record<string, number>>,
  depth: number,
): number {
  const grades = ranked.slice(0, depth).map((id) => wanted[id] ?? 0)
  const best = Object.values(wanted).toSorted((a, b) => b - a)
  const ideal = gain(best.slice(0, depth))
  return ideal === 0 ? 0 : gain(grades) / ideal
}

function gain(grades: readonly number[]): number {
  return grades.reduce((sum, grade, index) => sum + (2 ** grade - 1) / Math.log2(index + 2), 0)
}
