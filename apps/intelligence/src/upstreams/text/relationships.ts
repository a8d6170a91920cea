/** Relationships between entities: a verb between two neighbours in a sentence, or just the sentence. Pure. */
import type { Entity } from './entities.ts'
import { withoutCode } from './rules.ts'
import { sentences, type Span } from './tokens.ts'

export interface Relationship {
  readonly source: string
  readonly target: string
  /** In capitals, for example `USES`. */
  readonly type: string
  readonly confidence: number
  /** The sentence that says so, or the heading's place for a section. */
  readonly span: Span
}

interface Cue {
  readonly type: string
  readonly pattern: RegExp
  /** Passive wording: "A is used by B" means B uses A. */
  readonly reversed?: boolean
}

const cues: readonly Cue[] = [
  { type: 'USES', pattern: /\b(?:used|called|needed|required) by\b/i, reversed: true },
  { type: 'CREATES', pattern: /\b(?:created|built|written|produced|made|developed) by\b/i, reversed: true },
  { type: 'FOUNDED', pattern: /\bfounded by\b/i, reversed: true },
  { type: 'FOUNDED', pattern: /\b(?:co-)?founded\b(?! in)/i },
  { type: 'WORKS_FOR', pattern: /\b(?:works? (?:for|at)|worked (?:for|at)|employed by|joined)\b/i },
  {
    type: 'LOCATED_IN',
    pattern: /\b(?:(?:is |are )?(?:based|located|situated) in|lives? in|founded in|moved to)\b/i,
  },
  { type: 'DEPENDS_ON', pattern: /\b(?:depends? on|relies on|rely on|requires?|needs?)\b/i },
  { type: 'EXTENDS', pattern: /\b(?:extends|inherits from|subclass of)\b/i },
  { type: 'IMPLEMENTS', pattern: /\bimplement(?:s|ed)?\b/i },
  { type: 'REPLACES', pattern: /\b(?:replaces?|supersedes?|instead of)\b/i },
  { type: 'PART_OF', pattern: /\b(?:(?:is |are )?part of|belongs? to|(?:is |are )?contained in)\b/i },
  { type: 'CONTAINS', pattern: /\b(?:contains?|includes?|consists of|has|have)\b/i },
  { type: 'CONNECTS_TO', pattern: /\b(?:connects? to|talks? to|points? (?:to|at)|listens? on)\b/i },
  { type: 'STORES', pattern: /\b(?:stores?|saves?|writes?|persists?|keeps?)\b/i },
  { type: 'READS', pattern: /\b(?:reads?|loads?|fetch(?:es)?|queries|query)\b/i },
  { type: 'SENDS', pattern: /\b(?:sends?|posts?|publish(?:es)?|emits?)\b/i },
  { type: 'RETURNS', pattern: /\b(?:returns?|answers?|responds? with)\b/i },
  { type: 'CREATES', pattern: /\b(?:creates?|builds?|generates?|produces?|opens?)\b/i },
  { type: 'CALLS', pattern: /\b(?:calls?|invokes?)\b/i },
  { type: 'USES', pattern: /\b(?:us(?:es?|ing)|via|through|powered by|runs? on|serves?)\b/i },
]

/** Neighbours further apart than this, without a verb between them, are not related by standing in one sentence. */
const nearby = 160

/** Each pair and type once, in the order of the text; what says it best is kept. */
export function findRelationships(text: string, entities: readonly Entity[]): Relationship[] {
  const found = new Map<string, Relationship>()
  for (const relationship of [...fromSentences(text, entities), ...fromHeadings(text, entities)]) {
    const key = JSON.stringify([relationship.source, relationship.target, relationship.type])
    const known = found.get(key)
    if (known === undefined || known.confidence < relationship.confidence) found.set(key, relationship)
  }
  return [...found.values()]
}

interface Placed extends Span {
  readonly name: string
}

function* fromSentences(text: string, entities: readonly Entity[]): Generator<Relationship> {
  const prose = withoutCode(text)
  const places = entities
    .filter(({ type }) => type !== 'CONCEPT' && type !== 'VERSION')
    .flatMap(({ name, spans }) => spans.map((span) => ({ name, ...span })))
    // Lines of code stand together for many reasons; their neighbours say nothing.
    .filter(({ start }) => prose[start]?.trim() !== '')
    .sort((a, b) => a.start - b.start)
  let next = 0
  for (const sentence of sentences(prose)) {
    let left: Placed | undefined
    for (; next < places.length && places[next]!.start < sentence.end; next++) {
      const right = places[next]!
      if (right.start < sentence.start) continue
      if (left !== undefined && left.name !== right.name) {
        const relationship = relate(text, sentence, left, right)
        if (relationship !== undefined) yield relationship
      }
      left = right
    }
  }
}

function relate(text: string, span: Span, left: Placed, right: Placed): Relationship | undefined {
  const between = text.slice(left.end, right.start)
  const cue = cues.find(({ pattern }) => pattern.test(between))
  if (cue === undefined) {
    if (between.length > nearby) return undefined
    return { source: left.name, target: right.name, type: 'RELATES_TO', confidence: 0.4, span }
  }
  const [source, target] = cue.reversed === true ? [right.name, left.name] : [left.name, right.name]
  // The further the two are apart, the likelier it is that the verb belongs to somebody else.
  const confidence = between.length <= 60 ? 0.75 : 0.55
  return { source, target, type: cue.type, confidence, span }
}

/** A heading contains the headings below it, until the next of its own level. */
function* fromHeadings(text: string, entities: readonly Entity[]): Generator<Relationship> {
  const headings = entities
    .filter(({ type }) => type === 'CONCEPT')
    .flatMap(({ name, spans }) =>
      spans.map((span) => ({ name, span, level: headingLevel(text, span.start) })),
    )
    .filter(({ level }) => level > 0)
    .sort((a, b) => a.span.start - b.span.start)
  const above: typeof headings = []
  for (const heading of headings) {
    while (above.length > 0 && above.at(-1)!.level >= heading.level) above.pop()
    const parent = above.at(-1)
    if (parent !== undefined && parent.name !== heading.name) {
      yield {
        source: parent.name,
        target: heading.name,
        type: 'CONTAINS',
        confidence: 0.9,
        span: heading.span,
      }
    }
    above.push(heading)
  }
}

function headingLevel(text: string, start: number): number {
  const lineStart = text.lastIndexOf('\n', start - 1) + 1
  return /^(#{1,6})[ \t]/.exec(text.slice(lineStart, start))?.[1]?.length ?? 0
}
