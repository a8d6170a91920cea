/** The work behind `/analyze/semantic`: concepts, themes, domains and patterns of one text. */
import type { z } from 'zod'
import { findConcepts, findThemes, type Theme } from '../text/concepts.ts'
import { findDomains, type Domain } from '../text/domains.ts'
import { readLanguage, textLimit, type Reading } from '../text/language.ts'
import { findPatterns, type TextPattern } from '../text/patterns.ts'
import { sentences, words } from '../text/tokens.ts'
import type { analysis } from './schemas.ts'

/** The contract of the original's client; see langextract.ts for why this one is kept. */
export interface SemanticAnalysis {
  readonly concepts: readonly { concept: string; score: number; context?: string }[]
  readonly themes: readonly Theme[]
  readonly domains: readonly Domain[]
  readonly patterns: readonly TextPattern[]
  readonly language: string
  readonly processing_time_ms: number
  readonly metadata: Readonly<Record<string, unknown>>
}

/** More concepts than this help nobody. */
const maxConcepts = 50

/** Stops with the signal's reason when it aborts. */
export async function analyze(
  request: z.output<typeof analysis>,
  signal: AbortSignal,
): Promise<SemanticAnalysis> {
  const started = performance.now()
  const content = request.content.slice(0, textLimit)
  const analysis = analyzeReading({ ...request, content }, await readLanguage(content, { signal }), started)
  return { ...analysis, metadata: { ...analysis.metadata, characters: request.content.length } }
}

/** The same for a text whose grammar has been read already; `started` is when the work began, by `performance.now()`. */
export function analyzeReading(
  { content, context, language, min_confidence }: z.output<typeof analysis>,
  reading: Reading,
  started: number,
): SemanticAnalysis {
  const all = findConcepts(content, reading.phrases, context ?? '')
  const themes = findThemes(content, all)
  const sure = all.filter(({ score }) => score >= min_confidence)
  return {
    concepts: sure.slice(0, maxConcepts).map(({ concept, score, context: sentence }) => ({
      concept,
      score,
      ...(sentence === '' ? {} : { context: sentence }),
    })),
    // A theme's weight is its share among the themes, which no absolute threshold fits; the client asked for a
    // minimum confidence, and themes have none.
    themes,
    domains: findDomains(content).filter(({ confidence }) => confidence >= min_confidence),
    patterns: findPatterns(content).filter(({ strength }) => strength >= min_confidence),
    language,
    processing_time_ms: Math.round((performance.now() - started) * 1000) / 1000,
    metadata: {
      method: 'rules',
      min_confidence,
      concepts_found: all.length,
      concepts_returned: Math.min(sure.length, maxConcepts),
      sentences: sentences(content).length,
      words: words(content).length,
      characters_read: reading.readUntil,
      characters: content.length,
      // The grammar is English; other languages get what their words' forms alone allow.
      language_supported: /^en\b/i.test(language),
    },
  }
}
