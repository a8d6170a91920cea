import { nameKey } from '../store/identity.ts'

/** How many different words of a query are looked for. The rest is reported, not looked for. */
export const MAX_TERMS = 64

export interface Terms {
  /** Each word once, in the order of the query. */
  readonly words: readonly string[]
  /** Words beyond the limit. */
  readonly ignored: number
}

/**
 * The words of whatever a user typed. A word begins with a letter or a digit; an underscore inside keeps its parts
 * together. Quotes, operators, brackets, emoji and control characters are nothing but gaps.
 *
 * @example readTerms('pool_size AND "keep-alive" 🙂').words   // ['pool_size', 'AND', 'keep', 'alive']
 */
export function readTerms(query: string): Terms {
  const words = new Map<string, string>()
  for (const [word] of query.matchAll(/[\p{L}\p{N}][\p{L}\p{N}\p{M}_]*/gu)) {
    const key = nameKey(word)
    if (!words.has(key)) words.set(key, word)
  }
  const all = [...words.values()]
  return { words: all.slice(0, MAX_TERMS), ignored: Math.max(0, all.length - MAX_TERMS) }
}
