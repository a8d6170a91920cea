import { createHash } from 'node:crypto'

/** What a caller may say about a document's identity. */
export interface IdentityFacts {
  /** The caller's own id: taken as it is. */
  readonly id?: string | null
  /** A path or URL. */
  readonly source?: string | null
  readonly title: string
  readonly content: string
}

/**
 * The same document has the same id each time it comes in, so that indexing it again replaces it: the caller's own
 * id, else one made from where it came from, else from its title and its first 100 characters.
 *
 * @example documentId({ source: 'docs/pool.md', title: 'The pool', content })   // 'doc_' and 12 hex digits
 */
export function documentId(facts: IdentityFacts): string {
  if (facts.id != null && facts.id !== '') return facts.id
  if (facts.source != null && facts.source !== '') return idFromSource(facts.source)
  return derive(`${facts.title}${facts.content.slice(0, 100)}`)
}

export function idFromSource(source: string): string {
  return derive(source)
}

/** sha256 of the text as UTF-8, in hex. */
export function contentHash(content: string): string {
  return createHash('sha256').update(content).digest('hex')
}

/** Bytes of the text as UTF-8. */
export function contentSize(content: string): number {
  return Buffer.byteLength(content)
}

/** A name without case, accents and doubled spaces, so that "Café  Noir" and "cafe noir" are one. */
export function nameKey(name: string): string {
  const plain = name.normalize('NFKD').replace(/\p{M}+/gu, '')
  return plain.toLowerCase().replace(/\s+/g, ' ').trim()
}

function derive(text: string): string {
  return `doc_${contentHash(text).slice(0, 12)}`
}
