/** What the store keeps of a document, in the words that the pipeline, the search and the HTTP API share. */

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json }
export type JsonObject = { readonly [key: string]: Json }

export interface StoredChunk {
  /** Place in the document, from 0. */
  readonly ordinal: number
  /** Offsets in UTF-16 units: `text` is `content.slice(start, end)`. */
  readonly start: number
  readonly end: number
  readonly text: string
  /** The heading it stands under. */
  readonly heading: string | null
}

export interface IndexedChunk extends StoredChunk {
  /** Null when it could not be embedded: the chunk is then found by its words only. */
  readonly vector: Float32Array | readonly number[] | null
}

export interface Entity {
  readonly entityId: string
  readonly name: string
  /** In the extractor's own words, such as `CONCEPT` or `FUNCTION`. */
  readonly type: string
  /** 0 to 1. */
  readonly confidence: number
  /** Where in the document; null when it was not grounded in the text. */
  readonly span: { readonly start: number; readonly end: number } | null
  readonly description: string | null
}

export interface Relationship {
  readonly sourceEntityId: string
  /** May belong to another document. */
  readonly targetEntityId: string
  readonly type: string
  readonly confidence: number
  readonly context: string | null
}

/** A concept, a theme or a domain that the analysis found. */
export interface Topic {
  readonly name: string
  /** The concept's score, the theme's weight or the domain's confidence, 0 to 1. */
  readonly score: number
  /** What else was said about it. */
  readonly detail: JsonObject | null
}

export interface Analysis {
  readonly concepts: readonly Topic[]
  readonly themes: readonly Topic[]
  readonly domains: readonly Topic[]
}

interface DocumentFields {
  readonly id: string
  readonly title: string
  /** A path or URL; null for text that came from nowhere. */
  readonly source: string | null
  /** sha256 of the content, in hex. */
  readonly contentHash: string
  /** Bytes of the content as UTF-8. */
  readonly size: number
  /** Of the text or the code, such as `en` or `typescript`. */
  readonly language: string | null
  /** Such as `markdown` or `text`. */
  readonly type: string | null
  readonly metadata: JsonObject
}

/** A document with everything the pipeline found out about it, ready to be stored. */
export interface IndexedDocument extends DocumentFields {
  readonly chunks: readonly IndexedChunk[]
  readonly entities: readonly Entity[]
  readonly relationships: readonly Relationship[]
  readonly analysis: Analysis
}

/** A stored document without its parts. Times are milliseconds since 1970. */
export interface DocumentSummary extends DocumentFields {
  readonly createdAt: number
  readonly updatedAt: number
}

export interface StoredDocument extends DocumentSummary {
  readonly chunks: readonly (StoredChunk & { readonly embedded: boolean })[]
  readonly entities: readonly Entity[]
  readonly relationships: readonly Relationship[]
  readonly analysis: Analysis
}
