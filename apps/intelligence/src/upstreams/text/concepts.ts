/** Concepts are the noun phrases a text repeats; themes are concepts that keep each other's company. Pure. */
import type { Phrase } from './language.ts'
import { sentences, stem, type Span } from './tokens.ts'

export interface Concept {
  /** In the form the text uses first, in lower case unless it is an identifier or acronym. */
  readonly concept: string
  /** 0 to 1: the square root of its weight's share of the strongest concept's weight. */
  readonly score: number
  /** The first sentence that names it, shortened to 200 characters. */
  readonly context: string
  readonly spans: readonly Span[]
}

/** A longer phrase says more than its words do singly, so each further word adds half. */
const perFurtherWord = 0.5
/** What the caller's own context speaks of counts this much more. */
const contextBonus = 1.5

/** Strongest first; at equal strength, in the order of the text. */
export function findConcepts(text: string, phrases: readonly Phrase[], context = ''): Concept[] {
  const groups = new Map<string, Phrase[]>()
  for (const phrase of phrases) {
    const key = stemmed(phrase.text)
    const same = groups.get(key)
    if (same === undefined) groups.set(key, [phrase])
    else same.push(phrase)
  }
  const contextStems = new Set(stemmed(context).split(' '))
  const weighed = [...groups].map(([key, same]) => {
    const parts = key.split(' ')
    const bonus = parts.some((part) => contextStems.has(part)) ? contextBonus : 1
    return { same, weight: bonus * same.length * (1 + perFurtherWord * (parts.length - 1)) }
  })
  const strongest = weighed.reduce((most, { weight }) => Math.max(most, weight), 0)
  const where = sentences(text)
  return weighed
    .sort((a, b) => b.weight - a.weight)
    .map(({ same, weight }) => ({
      concept: plainForm(same[0]!.text),
      score: round(Math.sqrt(weight / strongest)),
      context: sentenceAround(text, where, same[0]!.start),
      spans: same.map(({ start, end }) => ({ start, end })),
    }))
}

export interface Theme {
  readonly theme: string
  /** 0 to 1: the share of all grouped mentions that belong to this theme. */
  readonly weight: number
  readonly related_concepts: readonly string[]
}

/** How often two concepts must share a sentence, out of the rarer one's sentences, to belong together. */
const togetherShare = 0.34

/**
 * Starts with the strongest concept, takes in those that share sentences with it, and goes on with what is left.
 * Only the strongest `consider` concepts take part; a concept that keeps no company makes no theme.
 */
export function findThemes(text: string, concepts: readonly Concept[], consider = 40): Theme[] {
  const where = sentences(text)
  const left = concepts.slice(0, consider).map((concept) => ({
    concept,
    in: new Set(concept.spans.map((span) => sentenceIndex(where, span.start))),
  }))
  const grouped: { theme: string; mentions: number; related: string[] }[] = []
  while (left.length > 0) {
    const seed = left.shift()!
    const company = left.filter((other) => keepCompany(seed.in, other.in))
    if (company.length === 0) continue
    for (const member of company) left.splice(left.indexOf(member), 1)
    const members = [seed, ...company].map(({ concept }) => concept)
    grouped.push({
      theme: seed.concept.concept,
      mentions: members.reduce((sum, { spans }) => sum + spans.length, 0),
      related: members.slice(1, 9).map(({ concept }) => concept),
    })
  }
  const all = grouped.reduce((sum, { mentions }) => sum + mentions, 0)
  return grouped
    .map(({ theme, mentions, related }) => ({
      theme,
      weight: round(mentions / all),
      related_concepts: related,
    }))
    .sort((a, b) => b.weight - a.weight)
}

function keepCompany(a: ReadonlySet<number>, b: ReadonlySet<number>): boolean {
  const shared = [...b].filter((sentence) => a.has(sentence)).length
  return shared > 0 && shared / Math.min(a.size, b.size) >= togetherShare
}

function stemmed(text: string): string {
  return text.toLowerCase().split(/\s+/).map(stem).join(' ')
}

/** "Connection Pools" at a sentence's start is the same thing as "connection pools"; "HTTP" stays. */
function plainForm(text: string): string {
  return text.replace(/\s+/g, ' ').replace(/\b\p{Lu}\p{Ll}+\b/gu, (word) => word.toLowerCase())
}

function sentenceIndex(where: readonly Span[], at: number): number {
  let low = 0
  let high = where.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if (where[middle]!.start <= at) low = middle
    else high = middle - 1
  }
  return low
}

function sentenceAround(text: string, where: readonly Span[], at: number): string {
  const span = where[sentenceIndex(where, at)]
  if (span === undefined) return ''
  const sentence = text.slice(span.start, span.end).replace(/\s+/g, ' ')
  return sentence.length > 200 ? `${sentence.slice(0, 199)}…` : sentence
}

export function round(value: number): number {
  return Math.round(value * 1000) / 1000
}
