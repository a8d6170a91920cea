/**
 * Makes a failing list smaller while it still fails: halves are dropped, then quarters, down to single items, again
 * and again until none can be spared. Pure, and in the worst case quadratic in the length of the result.
 */
export function shrinkList<T>(list: readonly T[], fails: (shorter: readonly T[]) => boolean): readonly T[] {
  let kept = list
  for (let size = Math.ceil(kept.length / 2); size > 0;) {
    const before = kept.length
    // From the end: what came later is what later steps lean on least.
    for (let end = kept.length; end > 0; end -= size) {
      const shorter = [...kept.slice(0, Math.max(0, end - size)), ...kept.slice(end)]
      if (shorter.length < kept.length && fails(shorter)) kept = shorter
    }
    if (size > 1) size = Math.ceil(size / 2)
    else if (kept.length === before) return kept
  }
  return kept
}

/** Makes the numbers of a list smaller, one by one, while it still fails: 0 if that does, or half, or one less. */
export function shrinkNumbers(
  list: readonly number[],
  fails: (smaller: readonly number[]) => boolean,
): readonly number[] {
  let kept = list
  for (let i = 0; i < kept.length; i++) {
    for (const next of [() => 0, (n: number) => Math.floor(n / 2), (n: number) => n - 1]) {
      for (;;) {
        const value = kept[i]!
        const smaller = next(value)
        if (value <= 0 || smaller >= value) break
        const candidate = kept.with(i, smaller)
        if (!fails(candidate)) break
        kept = candidate
      }
    }
  }
  return kept
}
