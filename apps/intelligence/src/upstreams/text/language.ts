/**
 * What needs English grammar, through the `compromise` library: names of people, places and organisations, and
 * noun phrases. It is loaded when first needed (it takes a moment, which is what the Ollama stand-in reports as
 * its load time) and read in pieces, because it works through about 100 kB a second and the event loop must breathe.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'
import type Nlp from 'compromise'
import type { EntityType, Mention } from './entities.ts'
import { proseOnly } from './rules.ts'
import { isStopWord, type Span } from './tokens.ts'
import { notAcronyms, technologies } from './vocabulary.ts'

export type Grammar = typeof Nlp

/** A noun phrase as it stands in the text, without its article. */
export interface Phrase extends Span {
  readonly text: string
}

export interface Reading {
  readonly names: readonly Mention[]
  readonly phrases: readonly Phrase[]
  /** How far grammar was applied; less than the text's length only for texts beyond the limit. */
  readonly readUntil: number
}

let loading: Promise<Grammar> | undefined

/** The grammar library; loaded once for the process. */
export function loadGrammar(): Promise<Grammar> {
  return (loading ??= import('compromise').then((module) => module.default))
}

const pieceSize = 4000
/** Characters to which grammar is applied by default: about two seconds of work. */
const grammarLimit = 200_000

/**
 * Characters of a text that any rule looks at: about a second of work that nothing interrupts. Longer texts are cut,
 * and every answer says how far it read.
 */
export const textLimit = 1_000_000

/** Reads a text piece by piece, letting other work run in between; stops with the signal's reason when aborted. */
export async function readLanguage(
  text: string,
  options: { readonly limit?: number; readonly signal?: AbortSignal } = {},
): Promise<Reading> {
  const grammar = await loadGrammar()
  const readUntil = Math.min(text.length, options.limit ?? grammarLimit)
  const names: Mention[] = []
  const phrases: Phrase[] = []
  for (const piece of pieces(joinLines(proseOnly(text.slice(0, readUntil))))) {
    options.signal?.throwIfAborted()
    const found = readPiece(grammar, piece.text, piece.start)
    names.push(...found.names)
    phrases.push(...found.phrases)
    await nextTurn()
  }
  return { names, phrases, readUntil }
}

/** Names and noun phrases of one piece of prose; `offset` is added to every place. Pure, given the grammar. */
function readPiece(grammar: Grammar, prose: string, offset = 0): Pick<Reading, 'names' | 'phrases'> {
  const document = grammar(prose)
  const place = (row: readonly Term[]): Phrase => span(row, prose, offset)
  const names = [
    ...mentions('PERSON', terms(document.people()).map(place)),
    ...mentions('PLACE', terms(document.places()).map(place)),
    ...mentions('ORGANIZATION', terms(document.organizations()).map(place)),
  ]
  const nouns = document.match('(#Adjective|#Noun|#Acronym)+').not('(#Pronoun|#Value|#Date|#Url|#Emoji)')
  return { names, phrases: nounPhrases(terms(nouns)).map(place).filter(isConcept) }
}

/** The library ends a sentence at each line's end; in prose a line goes on in the next one. */
function joinLines(prose: string): string {
  return prose.replace(/(?<=[^\s.:;!?])\n(?=\S)/g, ' ')
}

/** Pieces that end at a line's end where there is one. */
function* pieces(text: string): Generator<{ text: string; start: number }> {
  for (let start = 0; start < text.length;) {
    const limit = Math.min(text.length, start + pieceSize)
    const lineEnd = limit === text.length ? limit : text.lastIndexOf('\n', limit) + 1
    const end = lineEnd > start ? lineEnd : limit
    const piece = text.slice(start, end)
    if (piece.trim() !== '') yield { text: piece, start }
    start = end
  }
}

/** What the library says of one word: its tags, the punctuation after it, and where it stands. */
interface Term {
  readonly text: string
  readonly post: string
  readonly tags: readonly string[]
  readonly offset: { readonly start: number }
}

interface View {
  json(options: object): unknown
}

function terms(view: View): Term[][] {
  // The library counts the places of words exactly, those of whole matches not: it adds the markup around them.
  const rows = view.json({ offset: true, terms: { offset: true } }) as { terms: Term[] }[]
  return rows.map((row) => row.terms).filter((row) => row.length > 0)
}

/** From the first word to the last, as it stands in the text. */
function span(row: readonly Term[], prose: string, offset: number): Phrase {
  const first = row[0]!.offset.start
  const last = row.at(-1)!
  const text = prose.slice(first, last.offset.start + last.text.length).replace(/['’]s$/u, '')
  return { text, start: offset + first, end: offset + first + text.length }
}

/** A noun phrase ends at punctuation and with a noun ("full" alone is no thing), and needs no "all" before it. */
function nounPhrases(rows: readonly Term[][]): Term[][] {
  const found: Term[][] = []
  for (const row of rows) {
    let current: Term[] = []
    row.forEach((term, index) => {
      current.push(term)
      if (index < row.length - 1 && /^[ -]$/.test(term.post)) return
      while (current.length > 0 && !current.at(-1)!.tags.includes('Noun')) current.pop()
      while (current.length > 0 && isStopWord(current[0]!.text.toLowerCase())) current.shift()
      if (current.length > 0) found.push(current)
      current = []
    })
  }
  return found
}

const technologySet = new Set(technologies.map((name) => name.toLowerCase()))

function mentions(type: EntityType, found: readonly Phrase[]): Mention[] {
  return found.filter(isName).map(({ text, start, end }) => {
    const several = /\s/.test(text)
    return { name: text.replace(/\s+/g, ' '), type, start, end, confidence: several ? 0.76 : 0.62 }
  })
}

/** The library also tags lower-case words, products and shouted words; a name here has a capital and is none of those. */
function isName({ text }: Phrase): boolean {
  if (!/^\p{Lu}/u.test(text) || text.length < 2 || /[_|\n/]/.test(text)) return false
  if (notAcronyms.has(text.toUpperCase()) || isStopWord(text.toLowerCase())) return false
  if (technologySet.has(text.toLowerCase())) return false
  return text.split(/\s+/).every((word) => /^[\p{Lu}\p{N}&]/u.test(word) || word.length <= 3)
}

function isConcept({ text }: Phrase): boolean {
  const parts = text.toLowerCase().split(/\s+/)
  return parts.length <= 4 && /\p{L}{3}/u.test(text) && !/[|<>{}=]/.test(text) && !parts.every(isStopWord)
}
