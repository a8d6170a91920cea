/** The work behind `/extract/document`: entities with their places, relationships, and a semantic analysis. */
import { createHash, randomUUID } from 'node:crypto'
import { findByRules } from '../text/rules.ts'
import { mergeMentions, type Entity } from '../text/entities.ts'
import { readLanguage, textLimit, type Reading } from '../text/language.ts'
import { findRelationships, type Relationship } from '../text/relationships.ts'
import { round } from '../text/concepts.ts'
import { analyzeReading, type SemanticAnalysis } from './analyze.ts'
import type { ExtractionOptions } from './schemas.ts'

export interface ExtractedEntity {
  readonly entity_id: string
  readonly name: string
  readonly entity_type: string
  readonly description: string
  readonly confidence_score: number
  readonly source_path: string
  readonly properties: {
    readonly mentions: number
    /** Where the entity stands: start inclusive, end exclusive, in UTF-16 code units. At most twenty. */
    readonly char_intervals: readonly { start_pos: number; end_pos: number }[]
    readonly alignment_status: 'match_exact'
  }
  readonly metadata: { readonly extraction_method: 'rules'; readonly line_number: number }
}

export interface ExtractedRelationship {
  readonly relationship_id: string
  readonly source_entity_id: string
  readonly target_entity_id: string
  /** In lower case, as the original service writes them. */
  readonly relationship_type: string
  readonly confidence_score: number
  readonly context: string
  readonly properties: { readonly source_name: string; readonly target_name: string }
}

export interface Extraction {
  readonly extraction_id: string
  readonly document_path: string
  readonly language_results: { readonly language: string; readonly characters_read: number }
  readonly structured_results: { readonly headings: readonly string[]; readonly urls: readonly string[] }
  readonly semantic_results: SemanticAnalysis | null
  readonly analysis_result: { readonly entity_types: Readonly<Record<string, number>> }
  readonly enriched_entities: readonly ExtractedEntity[]
  readonly relationships: readonly ExtractedRelationship[]
  readonly extraction_statistics: Readonly<Record<string, number>>
  readonly status: 'completed'
  readonly timestamp: string
  readonly warnings: readonly string[]
  readonly errors: readonly string[]
}

/** Stops with the signal's reason when it aborts. */
export async function extract(
  path: string,
  whole: string,
  options: ExtractionOptions,
  warnings: readonly string[],
  signal: AbortSignal,
): Promise<Extraction> {
  const started = performance.now()
  const content = whole.slice(0, textLimit)
  const reading = await readLanguage(content, { signal })
  const found = mergeMentions([...findByRules(content), ...reading.names])
  const entities = chosen(found, options)
  const relationships = options.include_relationship_extraction ? findRelationships(content, entities) : []
  const semantic = options.include_semantic_analysis ? semantics(content, reading, options) : null
  const lineOf = lineCounter(content)
  const seconds = (performance.now() - started) / 1000
  return {
    extraction_id: randomUUID(),
    document_path: path,
    language_results: { language: 'en', characters_read: reading.readUntil },
    structured_results: { headings: namesOf(entities, 'CONCEPT'), urls: namesOf(entities, 'URL') },
    semantic_results: semantic,
    analysis_result: { entity_types: countTypes(entities) },
    enriched_entities: entities.map((entity) => describeEntity(entity, path, lineOf(entity.spans[0]!.start))),
    relationships: relationships.map((relationship) => describeRelationship(relationship, path, content)),
    extraction_statistics: {
      total_entities: entities.length,
      total_relationships: relationships.length,
      total_patterns: semantic?.patterns.length ?? 0,
      extraction_time_seconds: round(seconds),
      confidence_score: average(entities.map(({ confidence }) => confidence)),
    },
    status: 'completed',
    timestamp: new Date().toISOString(),
    warnings: [...warnings, ...unread(whole.length, content.length, reading.readUntil)],
    errors: [],
  }
}

function semantics(content: string, reading: Reading, options: ExtractionOptions): SemanticAnalysis {
  const { semantic_context: context, min_confidence_threshold: min_confidence } = options
  return analyzeReading({ content, context, language: 'en', min_confidence }, reading, performance.now())
}

function chosen(entities: readonly Entity[], options: ExtractionOptions): Entity[] {
  const types = new Set(options.expected_entity_types.map((type) => type.toUpperCase()))
  const perType = new Map<string, number>()
  return entities.filter(({ type, confidence }) => {
    if (confidence < options.min_confidence_threshold) return false
    if (types.size > 0 && !types.has(type)) return false
    const count = (perType.get(type) ?? 0) + 1
    perType.set(type, count)
    return count <= (options.max_entities_per_type ?? Infinity)
  })
}

function describeEntity(entity: Entity, path: string, line: number): ExtractedEntity {
  const type = entity.type.toLowerCase()
  const times = entity.spans.length === 1 ? 'once' : `${entity.spans.length} times`
  return {
    entity_id: entityId(entity.name, path),
    name: entity.name,
    entity_type: type,
    description: `${type.replace('_', ' ')} named ${times}, first on line ${line}`,
    confidence_score: entity.confidence,
    source_path: path,
    properties: {
      mentions: entity.spans.length,
      char_intervals: entity.spans.slice(0, 20).map(({ start, end }) => ({ start_pos: start, end_pos: end })),
      alignment_status: 'match_exact',
    },
    metadata: { extraction_method: 'rules', line_number: line },
  }
}

function describeRelationship(found: Relationship, path: string, content: string): ExtractedRelationship {
  const source = entityId(found.source, path)
  const target = entityId(found.target, path)
  return {
    relationship_id: `relationship_${md5(`${source} ${found.type} ${target}`)}`,
    source_entity_id: source,
    target_entity_id: target,
    relationship_type: found.type.toLowerCase(),
    confidence_score: found.confidence,
    context: content
      .slice(found.span.start, Math.min(found.span.end, found.span.start + 300))
      .replace(/\s+/g, ' '),
    properties: { source_name: found.source, target_name: found.target },
  }
}

/** The same name in the same document has the same id in every run. */
export function entityId(name: string, path: string): string {
  return `entity_${md5(name)}_${md5(path)}`
}

/** Eight digits of a digest: a name, not a safeguard. */
function md5(text: string): string {
  return createHash('md5').update(text).digest('hex').slice(0, 8)
}

function namesOf(entities: readonly Entity[], type: string): string[] {
  return entities.filter((entity) => entity.type === type).map(({ name }) => name)
}

function countTypes(entities: readonly Entity[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { type } of entities) counts[type.toLowerCase()] = (counts[type.toLowerCase()] ?? 0) + 1
  return counts
}

/** Tells the line of a place, counted from 1; the lines are found once, as a text may hold thousands of entities. */
function lineCounter(content: string): (at: number) => number {
  const starts = [0]
  for (let next = content.indexOf('\n'); next >= 0; next = content.indexOf('\n', next + 1))
    starts.push(next + 1)
  return (at) => {
    let low = 0
    let high = starts.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if (starts[middle]! <= at) low = middle
      else high = middle - 1
    }
    return low + 1
  }
}

function average(values: readonly number[]): number {
  return values.length === 0 ? 0 : round(values.reduce((sum, value) => sum + value, 0) / values.length)
}

function unread(length: number, rulesUntil: number, grammarUntil: number): string[] {
  const warnings: string[] = []
  if (rulesUntil < length) warnings.push(`only the first ${rulesUntil} of ${length} characters were read`)
  if (grammarUntil < rulesUntil) {
    warnings.push(
      `names and phrases were looked for in the first ${grammarUntil} of ${length} characters only`,
    )
  }
  return warnings
}
