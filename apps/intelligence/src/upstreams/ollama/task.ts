/** From a prompt to what the rules can do with it, and from their findings to the answer's text. */
import { findByRules } from '../text/rules.ts'
import { mergeMentions } from '../text/entities.ts'
import { readLanguage, textLimit } from '../text/language.ts'
import { findRelationships } from '../text/relationships.ts'
import { keyTerms, summarise } from '../text/summary.ts'
import { asksForEntities, conform, type Findings, type Schema } from './conform.ts'

/** `"json"`, a JSON schema, or nothing for free text. */
export type Format = 'json' | Schema | undefined

export interface Task {
  /** What to work on, with or without marks around the text itself. */
  readonly prompt: string
  /** What else was said: the system prompt, earlier messages. */
  readonly instructions: string
  readonly format: Format
}

/**
 * The marks between which a prompt may put the text to work on; the first pair that is found counts, from its first
 * opening to its last closing, so that the text may hold closing marks of its own.
 */
const textMarks: readonly (readonly [open: string, close: string])[] = [
  ['<document>', '</document>'],
  ['<text>', '</text>'],
  ['<content>', '</content>'],
  ['"""', '"""'],
  ['```', '```'],
]

/** The text between marks, or undefined when the prompt has none. */
export function markedText(prompt: string): string | undefined {
  for (const [open, close] of textMarks) {
    const start = prompt.indexOf(open)
    const end = prompt.lastIndexOf(close)
    if (start >= 0 && end >= start + open.length) return prompt.slice(start + open.length, end).trim()
  }
  return undefined
}

/**
 * The answer to a prompt. Only three kinds exist: entities (a schema with `entities`, or format "json" and a prompt
 * that speaks of entities), other JSON, and plain text, which is an extractive summary that says it is one.
 */
export async function answer(task: Task, signal: AbortSignal): Promise<string> {
  const { prompt, instructions, format } = task
  // A model, too, reads only what its context holds; `prompt_eval_count` counts all that came.
  const text = (markedText(prompt) ?? prompt).slice(0, textLimit)
  if (format === undefined || (format !== 'json' && Object.keys(format).length === 0))
    return plainAnswer(text)
  const wantsEntities =
    format === 'json' ? /\bentit(?:y|ies)\b/i.test(`${instructions} ${prompt}`) : asksForEntities(format)
  const findings = wantsEntities ? await findAll(text, signal) : withoutEntities(text)
  if (format !== 'json') return JSON.stringify(conform(format, findings))
  const { entities, relationships, summary } = findings
  return JSON.stringify(
    wantsEntities ? { entities, relationships } : { summary, key_terms: findings.keyTerms },
  )
}

/** Entities and their relationships, with a summary. */
async function findAll(text: string, signal?: AbortSignal): Promise<Findings> {
  const reading = await readLanguage(text, signal === undefined ? {} : { signal })
  const entities = mergeMentions([...findByRules(text), ...reading.names])
  return {
    ...withoutEntities(text),
    entities: entities.map(({ name, type, confidence, spans }) => {
      const { start, end } = spans[0]!
      return { name, type, text: text.slice(start, end), confidence, start, end }
    }),
    relationships: findRelationships(text, entities).map(({ source, target, type, confidence }) => ({
      source,
      target,
      type,
      confidence,
    })),
  }
}

function withoutEntities(text: string): Findings {
  return { entities: [], relationships: [], summary: summarise(text), keyTerms: keyTerms(text) }
}

function plainAnswer(text: string): string {
  const summary = summarise(text)
  if (summary === '') return 'There is no text to answer about.'
  return `Extractive summary (made by rules, not by a language model): ${summary}`
}

/** An answer in the pieces in which it is streamed; joined they are the answer. */
export function inPieces(answer: string): string[] {
  return answer.match(/\s*\S{1,16}|\s+$/gu) ?? []
}
