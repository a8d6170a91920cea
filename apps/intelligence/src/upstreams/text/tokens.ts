/** From text to words and sentences: the ground that every other rule stands on. Pure. */

const stopWords = new Set(
  `a about above after again against all also am an and any are as at be because been before being below between
  both but by can could did do does doing done down during each either etc few for from further get gets got had
  has have having he her here hers herself him himself his how however i if in into is it its itself just let like
  made make makes many may me might more most much must my myself no nor not now of off on once one only or other
  our ours out over own per same she should since so some still such than that the their theirs them then there
  these they this those through thus to too under until up upon us use used uses using very via was we well were
  what when where whether which while who whom why will with within without would yet you your yours`.split(
    /\s+/,
  ),
)

/** Whether a lower-cased English word carries little meaning of its own. */
export function isStopWord(word: string): boolean {
  return stopWords.has(word)
}

// A word is a run of letters and digits. Scripts that are written without spaces count character by character.
const runs =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]|[[\p{L}\p{M}\p{N}]--[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]]+/gv
const humps = /(?<=[\p{Ll}\p{N}])(?=\p{Lu})|(?<=\p{Lu})(?=\p{Lu}\p{Ll})/u

/**
 * The words of a text in lower case; identifiers are taken apart, so that `HTTPClientConfig` and
 * "HTTP client config" read the same.
 *
 * @example words('maxConnections=20') // ['max', 'connections', '20']
 */
export function words(text: string): string[] {
  const found: string[] = []
  for (const [run] of text.matchAll(runs)) {
    for (const part of run.split(humps)) found.push(part.toLowerCase())
  }
  return found
}

/**
 * Takes common English endings off, so that "pools", "pooled" and "pooling" meet. Light on purpose: it knows no
 * dictionary, and two unrelated words meet only when they differ in nothing but an ending.
 */
export function stem(word: string): string {
  // Beyond any English word the endings mean nothing, and looking for them would take long.
  if (word.length < 4 || word.length > 40 || !/^[a-z]+$/.test(word)) return word
  return dropFinalE(withoutSuffix(withoutPlural(word)))
}

function withoutPlural(word: string): string {
  if (word.endsWith('ies') && word.length > 4) return `${word.slice(0, -3)}y`
  if (/(?:ss|x|z|ch|sh)es$/.test(word)) return word.slice(0, -2)
  if (/[^sui]s$/.test(word)) return word.slice(0, -1)
  return word
}

/** Their endings only look like one. */
const wholeWords = new Set([
  'embed',
  'hundred',
  'shed',
  'string',
  'spring',
  'sibling',
  'family',
  'apply',
  'supply',
  'reply',
])

function withoutSuffix(word: string): string {
  if (wholeWords.has(word) || word.endsWith('eed')) return word
  if (word.endsWith('ation') && word.length >= 9) return word.slice(0, -5)
  if (/[st]ion$/.test(word) && word.length >= 7) return word.slice(0, -3)
  const rest = /^(.*[aeiouy].*?)(?:ing|ed|ly)$/.exec(word)?.[1]
  if (rest === undefined || rest.length < 3) return word
  return /([bdgmnprt])\1$/.test(rest) ? rest.slice(0, -1) : rest
}

/** "cache" and "caching" have only "cach" in common. */
function dropFinalE(word: string): string {
  return word.length > 4 && word.endsWith('e') ? word.slice(0, -1) : word
}

/** The stems of the words that carry meaning; all of them when none does. */
export function contentStems(text: string): string[] {
  const all = words(text)
  const kept = all.filter((word) => !stopWords.has(word))
  return (kept.length > 0 ? kept : all).map(stem)
}

/** A piece of a text, with its place: `text.slice(start, end)`. */
export interface Span {
  readonly start: number
  readonly end: number
}

// A sentence ends at its punctuation, at an empty line, before a list item, table row or heading, and after a heading.
const boundary =
  /(?<=[.!?]["')\]]*)(?<!\b(?:Dr|Mr|Mrs|Ms|Prof|St|vs|etc|Fig|No|e\.g|i\.e)\.)\s+(?=["'([`*]*[\p{Lu}\p{N}])|(?<=[。！？])|\n[^\S\n]*\n\s*|\n(?=[^\S\n]*(?:(?:[-*+•]|\d+[.)]|#{1,6})\s|\|))|(?<=^#{1,6} [^\n]*)\n/gmu

/** Where the sentences of a text are, in order, without the white space around them. */
export function sentences(text: string): Span[] {
  const found: Span[] = []
  let start = 0
  const add = (end: number): void => {
    const piece = text.slice(start, end)
    const lead = piece.length - piece.trimStart().length
    const body = piece.trim()
    if (body.length > 0) found.push({ start: start + lead, end: start + lead + body.length })
  }
  for (const match of text.matchAll(boundary)) {
    add(match.index)
    start = match.index + match[0].length
  }
  add(text.length)
  return found
}
