/** What the rules find in a text, and how several findings at one place become one. Pure. */
import type { Span } from './tokens.ts'

export type EntityType =
  | 'PERSON'
  | 'PLACE'
  | 'ORGANIZATION'
  | 'TECHNOLOGY'
  | 'CLASS'
  | 'INTERFACE'
  | 'FUNCTION'
  | 'VARIABLE'
  | 'CONSTANT'
  | 'CONFIG_SETTING'
  | 'MODULE'
  | 'API_ENDPOINT'
  | 'CONCEPT'
  | 'URL'
  | 'VERSION'

/** One finding: this name, of this type, at this place. */
export interface Mention extends Span {
  readonly name: string
  readonly type: EntityType
  /** 0 to 1: how rarely the rule that found it is wrong, as its author judged. Not a probability. */
  readonly confidence: number
}

/** One thing the text speaks of, with every place where it does. */
export interface Entity {
  readonly name: string
  readonly type: EntityType
  readonly confidence: number
  /** In the order of the text; `text.slice(start, end)` is the wording found there. */
  readonly spans: readonly Span[]
}

/**
 * Where findings overlap the surer one stays, then the longer one; mentions of one name become one entity with
 * the type of the surest. More mentions make it a little surer, never certain.
 */
export function mergeMentions(mentions: readonly Mention[]): Entity[] {
  const byName = new Map<string, Mention[]>()
  for (const mention of withoutOverlaps(mentions)) {
    const same = byName.get(mention.name)
    if (same === undefined) byName.set(mention.name, [mention])
    else same.push(mention)
  }
  return [...byName.values()].map((same) => {
    const surest = same.reduce((best, mention) => (mention.confidence > best.confidence ? mention : best))
    const confidence = Math.min(0.99, surest.confidence + 0.02 * (same.length - 1))
    return {
      name: surest.name,
      type: surest.type,
      confidence: Math.round(confidence * 100) / 100,
      spans: same.map(({ start, end }) => ({ start, end })),
    }
  })
}

function withoutOverlaps(mentions: readonly Mention[]): Mention[] {
  const byRank = mentions.toSorted(
    (a, b) => b.confidence - a.confidence || b.end - b.start - (a.end - a.start) || a.start - b.start,
  )
  const taken = new Set<number>()
  const kept = byRank.filter(({ start, end, type }) => {
    // A heading is the name of its section; what stands in it is named all the same.
    if (type === 'CONCEPT') return true
    for (let at = start; at < end; at++) if (taken.has(at)) return false
    for (let at = start; at < end; at++) taken.add(at)
    return true
  })
  return kept.sort((a, b) => a.start - b.start)
}
