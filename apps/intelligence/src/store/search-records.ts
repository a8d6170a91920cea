/** What a store's engines tell the search. */

export interface SearchFilters {
  /** A source, or everything below it: `docs` finds `docs/pool.md`. */
  readonly source?: string
  /** The document's type, such as `markdown`. */
  readonly type?: string
  /** Documents that mention this entity: its name, in any case, or its id. */
  readonly entity?: string
}

/** The best chunk of a document, as one engine sees it. */
export interface Ranked {
  readonly documentId: string
  readonly chunkId: number
  /** Words: the engine's own measure, higher is better. Vectors: cosine similarity. */
  readonly score: number
}

/** A piece of a chunk, plain text, with the places of the words that were looked for: no HTML, nothing to escape. */
export interface Snippet {
  readonly text: string
  /** Offsets in `text`. */
  readonly marks: readonly { readonly start: number; readonly end: number }[]
}

/** A chunk as it is shown, with its document. */
export interface Found {
  readonly documentId: string
  readonly title: string
  readonly source: string | null
  readonly type: string | null
  readonly ordinal: number
  readonly start: number
  readonly end: number
  readonly heading: string | null
  readonly snippet: Snippet
}

/** An entity over all documents: the same name and type is the same entity. */
export interface EntityHit {
  readonly name: string
  readonly type: string
  /** The highest that any document gives it. */
  readonly confidence: number
  /** From where it is most certain. */
  readonly description: string | null
  readonly entityIds: readonly string[]
  /** How many documents mention it. */
  readonly documentCount: number
  /** At most twenty of them, most certain first. */
  readonly documentIds: readonly string[]
}

export interface SharedEntities {
  readonly documentId: string
  /** Names that both mention, the rarest first. */
  readonly names: readonly string[]
}
