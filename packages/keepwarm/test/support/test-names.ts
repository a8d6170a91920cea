/** The names of all tests in a file, as they stand in its source. */
export function namesIn(source: string): Set<string> {
  const names = new Set<string>()
  for (const [, quote, text] of source.matchAll(call)) names.add(unescape(text!, quote!))
  return names
}

/**
 * `test('name',` and `it('name',`, also over two lines; and what follows `test.each(…)` or `test.runIf(…)`: a string in
 * parentheses right behind a closing one.
 */
const call = /(?:(?<![.\w])(?:test|it)|\))\(\s*(['"`])((?:(?!\1)[^\\]|\\.)*)\1,/gs

function unescape(text: string, quote: string): string {
  return text.replaceAll(`\\${quote}`, quote).replaceAll('\\\\', '\\')
}
