/** Extractive summaries and key terms: sentences and words that are in the text, chosen by frequency. Pure. */
import { withoutCode } from './rules.ts'
import { contentStems, isStopWord, sentences, stem, words } from './tokens.ts'

/** The words that a text uses most, in the form it uses most, most frequent first. */
export function keyTerms(text: string, limit = 10): string[] {
  const groups = new Map<string, Map<string, number>>()
  for (const word of words(text)) {
    if (word.length < 3 || isStopWord(word) || /^\d+$/.test(word)) continue
    const forms = groups.get(stem(word)) ?? new Map<string, number>()
    groups.set(stem(word), forms.set(word, (forms.get(word) ?? 0) + 1))
  }
  const total = (forms: Map<string, number>): number =>
    [...forms.values()].reduce((sum, count) => sum + count, 0)
  return [...groups.values()]
    .sort((a, b) => total(b) - total(a))
    .slice(0, limit)
    .map((forms) => [...forms].sort((a, b) => b[1] - a[1])[0]![0])
}

/**
 * The sentences that hold most of the text's frequent words, in the order of the text. A sentence scores the
 * average weight of its words, so long ones have no advantage; the first gets a small bonus, as leads summarise.
 */
export function summarise(text: string, limit = 3): string {
  const all = sentences(withoutCode(text))
  const prose = all.filter(({ start, end }) => !/^[#|]/.test(text.slice(start, end)))
  const spans = prose.length > 0 ? prose : all
  const frequency = new Map<string, number>()
  for (const word of contentStems(text)) frequency.set(word, (frequency.get(word) ?? 0) + 1)
  const scored = spans.map((span, index) => {
    const stems = contentStems(text.slice(span.start, span.end))
    const weight = stems.reduce((sum, word) => sum + (frequency.get(word) ?? 0), 0)
    const bonus = index === 0 ? 1.2 : 1
    // Fragments of a few words make poor summaries.
    const length = stems.length < 4 ? 0.3 : 1
    return { span, index, score: stems.length === 0 ? 0 : (bonus * length * weight) / stems.length }
  })
  const best = scored.toSorted((a, b) => b.score - a.score || a.index - b.index).slice(0, limit)
  return best
    .toSorted((a, b) => a.index - b.index)
    .map(({ span }) => text.slice(span.start, span.end).replace(/\s+/g, ' '))
    .join(' ')
}
