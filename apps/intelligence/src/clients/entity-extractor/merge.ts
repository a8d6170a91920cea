/** From what the model named, window by window, to the entities and relationships of the document. */
import { createHash } from 'node:crypto'
import type { Entity, Relationship } from '../../store/records.ts'
import type { SkippedItem } from '../lenient-list.ts'
import type { Answer, NamedEntity, NamedRelationship } from './answer.ts'

export interface Extraction {
  readonly entities: readonly Entity[]
  readonly relationships: readonly Relationship[]
  /** What was left out: broken items, and relationships whose ends are no entities of the answer. */
  readonly skipped: readonly SkippedItem[]
}

/**
 * One entity for each name (the surest mention counts), and one relationship for each pair and type. A span is where
 * the entity first stands in the text, null when the model's wording is nowhere in it.
 */
export function mergeAnswers(text: string, sourcePath: string, answers: readonly Answer[]): Extraction {
  const surest = new Map<string, NamedEntity>()
  for (const one of answers.flatMap(({ entities }) => entities)) {
    const known = surest.get(one.name)
    if (known === undefined || one.confidence > known.confidence) surest.set(one.name, one)
  }
  const entities = [...surest.values()].map((one) => toEntity(one, text, sourcePath))
  const idOf = idsByName(entities)
  const skipped = answers.flatMap((answer) => answer.skipped)
  const relationships = new Map<string, Relationship>()
  for (const [index, one] of answers.flatMap((answer) => answer.relationships).entries()) {
    const found = toRelationship(one, idOf)
    if (found === undefined) {
      const problem = `"${one.source}" or "${one.target}" is not among the entities`
      skipped.push({ list: 'relationships', index, problem })
      continue
    }
    const key = `${found.sourceEntityId} ${found.type} ${found.targetEntityId}`
    const known = relationships.get(key)
    if (known === undefined || found.confidence > known.confidence) relationships.set(key, found)
  }
  return { entities, relationships: [...relationships.values()], skipped }
}

/** The same name in the same document has the same id in every run, and the same as LangExtract gives it. */
export function entityId(name: string, sourcePath: string): string {
  return `entity_${digest(name)}_${digest(sourcePath)}`
}

function toEntity(
  { name, type, text: wording, description, confidence }: NamedEntity,
  text: string,
  path: string,
): Entity {
  const span = spanOf(wording, text) ?? spanOf(name, text)
  const said = description.trim()
  return {
    entityId: entityId(name, path),
    name,
    type,
    confidence,
    span,
    description: said === '' ? null : said,
  }
}

function spanOf(wording: string, text: string): { start: number; end: number } | null {
  const start = wording === '' ? -1 : text.indexOf(wording)
  return start === -1 ? null : { start, end: start + wording.length }
}

function toRelationship(
  one: NamedRelationship,
  idOf: (name: string) => string | undefined,
): Relationship | undefined {
  const source = idOf(one.source)
  const target = idOf(one.target)
  if (source === undefined || target === undefined) return undefined
  return {
    sourceEntityId: source,
    targetEntityId: target,
    type: one.type,
    confidence: one.confidence,
    context: null,
  }
}

/** Models are careless about capitals, so a name that differs only in them is found too. */
function idsByName(entities: readonly Entity[]): (name: string) => string | undefined {
  const exact = new Map(entities.map(({ name, entityId }) => [name, entityId]))
  const loose = new Map(entities.map(({ name, entityId }) => [name.toLowerCase(), entityId]))
  return (name) => exact.get(name) ?? loose.get(name.toLowerCase())
}

/** Eight digits of a digest: a name, not a safeguard. */
function digest(text: string): string {
  return createHash('md5').update(text).digest('hex').slice(0, 8)
}
