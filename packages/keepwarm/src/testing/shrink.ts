/**
 * Searches for something smaller that still fails. A search is a generator: it yields what it wants tried and is told
 * whether that still fails, so that the same search serves what fails at once and what takes its time.
 */
export type Search<T> = Generator<T, T, boolean>

/**
 * Makes a failing list smaller while it still fails: halves are dropped, then quarters, down to single items, again
 * and again until none can be spared. In the worst case quadratic in the length of the result.
 */
export function* shorterLists<T>(list: readonly T[]): Search<readonly T[]> {
  let kept = list
  for (let size = Math.ceil(kept.length / 2); size > 0;) {
    const before = kept.length
    // From the end: what came later is what later steps lean on least.
    for (let end = kept.length; end > 0; end -= size) {
      const shorter = [...kept.slice(0, Math.max(0, end - size)), ...kept.slice(end)]
      if (shorter.length < kept.length && (yield shorter)) kept = shorter
    }
    if (size > 1) size = Math.ceil(size / 2)
    else if (kept.length === before) return kept
  }
  return kept
}

/** Makes the numbers of a list smaller, one by one, while it still fails: 0 if that does, or half, or one less. */
export function* smallerNumbers(list: readonly number[]): Search<readonly number[]> {
  let kept = list
  for (let i = 0; i < kept.length; i++) {
    for (const next of [() => 0, (n: number) => Math.floor(n / 2), (n: number) => n - 1]) {
      for (;;) {
        const value = kept[i]!
        const smaller = next(value)
        if (value <= 0 || smaller >= value) break
        const candidate = kept.with(i, smaller)
        if (!(yield candidate)) break
        kept = candidate
      }
    }
  }
  return kept
}

/** The same search for something that has it as a part. */
export function* within<A, B>(search: Search<A>, whole: (part: A) => B): Generator<B, A, boolean> {
  let step = search.next()
  while (step.done !== true) step = search.next(yield whole(step.value))
  return step.value
}

/** Carries a search out. */
export function find<T>(search: Search<T>, fails: (candidate: T) => boolean): T {
  let step = search.next()
  while (step.done !== true) step = search.next(fails(step.value))
  return step.value
}

/** Carries a search out whose trials take their time. */
export async function findSlowly<T>(
  search: Search<T>,
  fails: (candidate: T) => Promise<boolean>,
): Promise<T> {
  let step = search.next()
  while (step.done !== true) step = search.next(await fails(step.value))
  return step.value
}
