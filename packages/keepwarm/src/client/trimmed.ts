/**
 * Without the signs at both ends of a text. A regular expression that looks for them at the end begins anew at each of
 * them in between, which takes minutes for a long text of a stranger.
 *
 * @example trimmed('\t a b ', ' \t') // 'a b'
 */
export function trimmed(text: string, signs: string): string {
  let start = 0
  let end = text.length
  while (start < end && signs.includes(text[start]!)) start++
  while (end > start && signs.includes(text[end - 1]!)) end--
  return text.slice(start, end)
}
