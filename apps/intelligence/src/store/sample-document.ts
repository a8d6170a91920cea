import { contentHash, contentSize, documentId } from './identity.ts'
import type { Entity, IndexedChunk, IndexedDocument } from './records.ts'

/** Documents for tests: one chunk from each of `texts`, with vectors where they are given. */
export interface Sample {
  readonly source: string
  readonly title?: string
  readonly type?: string
  readonly texts?: readonly string[]
  readonly vectors?: readonly (readonly number[] | null)[]
  /** Names of entities, all of type CONCEPT. */
  readonly entities?: readonly string[]
}

export function sampleDocument(sample: Sample): IndexedDocument {
  const {
    source,
    title = source,
    type = 'markdown',
    texts = ['Some words.'],
    vectors = [],
    entities = [],
  } = sample
  const content = texts.join('')
  return {
    id: documentId({ source, title, content }),
    ...{ title, source, type },
    contentHash: contentHash(content),
    size: contentSize(content),
    language: 'en',
    metadata: { project: 'sample', tags: ['a', 'b'] },
    chunks: sampleChunks(texts, vectors),
    entities: entities.map((name, index) => sampleEntity(name, source, 0.9 - index / 100)),
    relationships: [],
    analysis: { concepts: [], themes: [], domains: [] },
  }
}

function sampleEntity(name: string, source: string, confidence: number): Entity {
  const entityId = `entity_${contentHash(name).slice(0, 8)}_${contentHash(source).slice(0, 8)}`
  return {
    entityId,
    name,
    type: 'CONCEPT',
    confidence,
    span: { start: 0, end: 4 },
    description: `about ${name}`,
  }
}

function sampleChunks(texts: readonly string[], vectors: Sample['vectors'] = []): IndexedChunk[] {
  let start = 0
  return texts.map((text, ordinal) => {
    const chunk = {
      ordinal,
      start,
      end: start + text.length,
      text,
      heading: null,
      vector: vectors[ordinal] ?? null,
    }
    start = chunk.end
    return chunk
  })
}
