/**
 * Embeddings by feature hashing. No model and no training: a text becomes the bag of its stemmed words and word
 * pairs, each hashed to one of the dimensions with a sign, so that collisions cancel out on average rather than
 * add up. Texts that share words and phrases come out close (cosine), texts that only share meaning do not:
 * "car" and "automobile" are strangers here. The same text always gives the same vector, on every machine.
 */
import { contentStems, words } from './tokens.ts'

/** Half a word's weight: pairs refine the order of results, they should not decide it. */
const pairWeight = 0.5

export interface Embedding {
  readonly vector: number[]
  /** Words read, stop words included. */
  readonly tokens: number
}

export interface EmbeddingOptions {
  /** Default 768. */
  readonly dimensions?: number
  /** Whether the vector is scaled to length 1. Default true. */
  readonly normalise?: boolean
}

/**
 * @example
 * cosine(embed('connection pool').vector, embed('a pool of connections').vector) // well above 0.5
 */
export function embed(text: string, options: EmbeddingOptions = {}): Embedding {
  const { dimensions = 768, normalise = true } = options
  const vector = new Array<number>(dimensions).fill(0)
  for (const [feature, { count, weight }] of features(text)) {
    const hash = hash32(feature)
    // The place comes from the low bits, the sign from the highest one, which the place does not use.
    const place = (hash & 0x7fffffff) % dimensions
    const sign = hash >>> 31 === 1 ? -1 : 1
    // Sublinear: the tenth mention of a word says less than the first.
    vector[place]! += sign * weight * (1 + Math.log(count))
  }
  if (normalise) toUnitLength(vector)
  return { vector, tokens: words(text).length }
}

/** The cosine of the angle between two vectors of the same size; 0 when one of them is all zeros. */
export function cosine(a: readonly number[], b: readonly number[]): number {
  let dot = 0
  let lengthA = 0
  let lengthB = 0
  for (let i = 0; i < a.length; i++) {
    const x = a[i]!
    const y = b[i] ?? 0
    dot += x * y
    lengthA += x * x
    lengthB += y * y
  }
  return lengthA === 0 || lengthB === 0 ? 0 : dot / Math.sqrt(lengthA * lengthB)
}

function features(text: string): Map<string, { count: number; weight: number }> {
  const found = new Map<string, { count: number; weight: number }>()
  const add = (feature: string, weight: number): void => {
    const known = found.get(feature)
    if (known === undefined) found.set(feature, { count: 1, weight })
    else known.count++
  }
  const stems = contentStems(text)
  stems.forEach((word, index) => {
    add(word, 1)
    const next = stems[index + 1]
    if (next !== undefined) add(`${word} ${next}`, pairWeight)
  })
  // A text without words ("???", "") still needs a direction: a zero vector has no cosine with anything.
  if (found.size === 0) add(`no words: ${text.trim()}`, 1)
  return found
}

function toUnitLength(vector: number[]): void {
  const length = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0))
  // Two features can land on one place with opposite signs and cancel out; then one place stands for the text.
  if (length === 0) vector[0] = 1
  else for (let i = 0; i < vector.length; i++) vector[i]! /= length
}

/** FNV-1a over UTF-16 code units, then a mixing step, because FNV's high bits alone are poor on short words. */
function hash32(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}
