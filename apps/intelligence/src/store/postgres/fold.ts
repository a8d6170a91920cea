/**
 * A text as its words are compared: small letters without accents, and a blank for whatever is neither letter nor
 * digit. It is as long as the text itself, so that a place in the one is the same place in the other. Without this,
 * PostgreSQL's parser would take `node.js` for a host and `docs/pool.md` for a file, and find neither by its parts.
 */
export function fold(text: string): string {
  return text.replace(/[^a-z0-9 ]/gu, foldOne)
}

const wordLike = /^[\p{L}\p{N}\p{M}]$/u
const known = new Map<string, string>()

function foldOne(character: string): string {
  const before = known.get(character)
  if (before !== undefined) return before
  const folded = foldNew(character)
  // There are more characters than anybody writes in.
  if (known.size < 5_000) known.set(character, folded)
  return folded
}

function foldNew(character: string): string {
  if (!wordLike.test(character)) return ' '.repeat(character.length)
  const plain = character
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .toLowerCase()
  return plain.length === character.length ? plain : character
}

/** Characters of a chunk that are looked through for words: PostgreSQL takes no more than a megabyte of them. */
export const MOST_FOLDED = 200_000

/** Bytes of a word at most; PostgreSQL keeps no longer one, and so there is none to find. */
const LONGEST_WORD = 2_000

/** Each word as a phrase of its parts, so that none is read as an operator. */
export function phrasesOf(words: readonly string[]): string[] {
  const parts = words
    .map((word) => fold(word).trim())
    .filter((word) => word !== '' && Buffer.byteLength(word) <= LONGEST_WORD)
  return parts.map((word) => `"${word}"`)
}

/** The query for any of the words. */
export function anyOf(words: readonly string[]): string {
  return phrasesOf(words).join(' or ')
}
