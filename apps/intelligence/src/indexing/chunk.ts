import { readBlocks } from './blocks.ts'
import type { Block } from './blocks.ts'
import { cutAfter, overlapStart } from './split.ts'

export interface ChunkOptions {
  /** Characters that a chunk should have. Default 1,200. */
  readonly target?: number
  /** Characters that a chunk may have, its overlap included. Default 2,000. */
  readonly max?: number
  /** Characters at the end of a chunk that the next one of the same section repeats. Default 120. */
  readonly overlap?: number
}

export interface Chunk {
  /** From 0. */
  readonly ordinal: number
  /** Offsets in UTF-16 units: `text === content.slice(start, end)`. */
  readonly start: number
  readonly end: number
  readonly text: string
  /** The heading it stands under, its own included. */
  readonly heading: string | null
}

/**
 * Cuts a text into chunks for embedding and full text. Headings begin sections, and a section begins a chunk
 * unless the chunk before is still small; fenced code that fits stays whole; what is too long is cut between lines,
 * sentences or words, never within a character. Together the chunks cover the text, except for stretches of white
 * space too long to carry along. A text of nothing but white space gives none.
 *
 * @throws RangeError for options that contradict each other.
 * @example chunkText('# Pool\n\nOne queue.')   // [{ ordinal: 0, start: 0, end: 18, heading: 'Pool', text: … }]
 */
export function chunkText(text: string, options: ChunkOptions = {}): Chunk[] {
  const sizes = checkSizes({ target: 1_200, max: 2_000, overlap: 120, ...options })
  const chunks: Chunk[] = []
  let before: Group | undefined
  for (const group of groupPieces(readPieces(text, sizes), sizes)) {
    const start = before === undefined ? group.start : repeatFrom(text, before, group, sizes)
    const chunk = { ordinal: chunks.length, start, end: group.end, heading: group.heading }
    const words = text.slice(start, group.end)
    if (words.trim() !== '') chunks.push({ ...chunk, text: words })
    before = group
  }
  return chunks
}

interface Sizes {
  readonly target: number
  readonly max: number
  readonly overlap: number
}

function checkSizes(sizes: Sizes): Sizes {
  const { target, max, overlap } = sizes
  for (const [name, value] of Object.entries(sizes)) {
    if (Number.isSafeInteger(value) && value >= 0) continue
    throw new RangeError(`${name} = ${value}: expected a whole number of characters`)
  }
  // Two: a surrogate pair must fit.
  if (target < 2 || max < target) {
    throw new RangeError(`target = ${target}, max = ${max}: expected 2 <= target <= max`)
  }
  if (overlap > target / 2) {
    throw new RangeError(`overlap = ${overlap}: expected at most half of target (${target / 2})`)
  }
  return sizes
}

/** A block, or a part of one that was too long. Never longer than `max`. */
interface Piece extends Block {
  /** The heading in force. */
  readonly under: string | null
}

function* readPieces(text: string, sizes: Sizes): Generator<Piece> {
  let under: string | null = null
  for (const block of readBlocks(text)) {
    if (block.kind === 'heading') under = block.heading
    const whole = block.kind === 'fence' ? sizes.max : Math.floor((sizes.target + sizes.max) / 2)
    let start = block.start
    while (block.end - start > whole) {
      const end = cutAfter(text, start, evenShare(block.end - start, sizes.target), sizes.max)
      yield { ...block, start, end, under }
      start = end
    }
    if (start < block.end) yield { ...block, start, under }
  }
}

/** Even parts instead of full ones and a crumb. */
function evenShare(length: number, target: number): number {
  return Math.ceil(length / Math.ceil(length / target))
}

/** Pieces that make one chunk, before the overlap. */
interface Group {
  start: number
  end: number
  heading: string | null
  /** The last piece, whose end the next chunk may repeat. */
  last: Piece
  /** Nothing but headings so far: they wait for what they announce. */
  bare: boolean
  /** It begins where a section begins. */
  opensSection: boolean
}

function* groupPieces(pieces: Iterable<Piece>, sizes: Sizes): Generator<Group> {
  let group: Group | undefined
  for (const piece of pieces) {
    if (group !== undefined && joins(group, piece, sizes)) {
      group.end = piece.end
      group.last = piece
      group.bare &&= piece.kind === 'heading'
      continue
    }
    if (group !== undefined) yield group
    const heading = piece.kind === 'heading'
    group = {
      start: piece.start,
      end: piece.end,
      heading: piece.under,
      last: piece,
      bare: heading,
      opensSection: heading,
    }
  }
  if (group !== undefined) yield group
}

function joins(group: Group, piece: Piece, { target, max }: Sizes): boolean {
  const length = group.end - group.start
  const together = piece.end - group.start
  if (together > max) return false
  if (group.bare) return true
  if (piece.kind === 'heading') return length < target / 6 && together <= target
  // A crumb is better at the end of this chunk than as one of its own.
  return together <= target || (piece.end - piece.start < target / 12 && together <= target * 1.25)
}

function repeatFrom(text: string, before: Group, group: Group, { max, overlap }: Sizes): number {
  if (group.opensSection || before.last.kind === 'fence') return group.start
  // Never all of a short chunk again.
  const half = Math.floor((before.end - before.start) / 2)
  const room = Math.min(overlap, half, max - (group.end - group.start))
  return overlapStart(text, before.last.start, before.end, room)
}
