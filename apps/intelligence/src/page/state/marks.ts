/** Where in a text something is to be seen: words that were looked for, and entities. Pure: texts in, pieces out. */
import type { Chunk } from '../wire.ts'

export interface Span {
  readonly start: number
  readonly end: number
}

export interface Named {
  readonly name: string
  readonly type: string
}

/** A piece of a text: plain, found, an entity, or both. */
export interface Piece {
  readonly text: string
  readonly found: boolean
  readonly entity: Named | undefined
}

interface EntitySpan extends Span {
  readonly entity: Named
}

/** Every place of every name, as it is written; where names overlap, the longest. */
export function placesOf(text: string, entities: readonly Named[]): EntitySpan[] {
  const byName = new Map<string, Named>()
  for (const entity of entities)
    if (entity.name.trim() !== '' && !byName.has(entity.name)) byName.set(entity.name, entity)
  if (byName.size === 0) return []
  const names = [...byName.keys()]
    .sort((a, b) => b.length - a.length)
    .map((name) => name.replace(/[\^$\\.*+?()[\]{}|/]/g, '\\$&'))
  const pattern = new RegExp(`(?<![\\p{L}\\p{N}_])(?:${names.join('|')})(?![\\p{L}\\p{N}_])`, 'gu')
  return [...text.matchAll(pattern)].map(({ 0: name, index }) => {
    return { start: index, end: index + name.length, entity: byName.get(name)! }
  })
}

/** Cuts a text at every edge. `found` and `places` are sorted, and none overlaps another of its kind. */
export function piecesOf(text: string, found: readonly Span[], places: readonly EntitySpan[]): Piece[] {
  const edges = new Set([0, text.length])
  for (const { start, end } of [...found, ...places]) edges.add(clamp(start, text)).add(clamp(end, text))
  const sorted = [...edges].sort((a, b) => a - b)
  const [isFound, placeAt] = [follow(found), follow(places)]
  return sorted.slice(1).map((end, index) => {
    const start = sorted[index]!
    const [mark, place] = [isFound(start), placeAt(start)]
    return { text: text.slice(start, end), found: mark !== undefined, entity: place?.entity }
  })
}

/** Which span a place is in, asked from left to right. */
function follow<One extends Span>(spans: readonly One[]): (at: number) => One | undefined {
  let next = 0
  return (at) => {
    while (next < spans.length && spans[next]!.end <= at) next++
    const span = spans[next]
    return span !== undefined && span.start <= at ? span : undefined
  }
}

function clamp(at: number, { length }: string): number {
  return Math.min(length, Math.max(0, at))
}

/**
 * A piece of Markdown as it is read in passing: without the signs of headings and emphasis, and the rules of tables.
 *
 * @example inPassing('## Pools: | a | b |') // 'Pools: · a · b  '
 */
export function inPassing(text: string): string {
  return text
    .replace(/(^|\n)#{1,6} /g, '$1')
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/(?:\s*\|)?\s*:?-{3,}:?(?:\s*\|\s*:?-{3,}:?)*(?:\s*\|)?/g, ' ')
    .replace(/\*\*|`/g, '')
    .replace(/^\s*\||\|\s*$|\|(?=\s*\n)|(?<=\n)\s*\|/g, ' ')
    .replace(/\s*\|(?:\s*\|)*\s*/g, ' · ')
}

/** A document's text again, from its chunks, which repeat a little of each other and leave white space out. */
export function textOf(chunks: readonly Pick<Chunk, 'start' | 'end' | 'text'>[]): string {
  let text = ''
  let at = chunks[0]?.start ?? 0
  for (const chunk of chunks) {
    if (chunk.start > at) text += '\n\n'
    text += chunk.text.slice(Math.max(0, at - chunk.start))
    at = Math.max(at, chunk.end)
  }
  return text
}
