/** What was dropped, chosen or pasted becomes documents, in batches that the service takes. Pure. */
import type { NewDocument } from '../wire.ts'

/** Bytes of one request; the service takes 16 MiB, and escaping makes texts longer. */
const BATCH_BYTES: number = 6 * 1024 * 1024
const BATCH_DOCUMENTS = 200
/** Bytes of one document, which is sent alone when it is larger than a batch. */
export const MOST_BYTES: number = 15 * 1024 * 1024

export type Read = { readonly text: string } | { readonly problem: string }

/** Texts in UTF-8 and nothing else: what would be changed in silence is refused with its reason. */
export function readText(bytes: Uint8Array): Read {
  if (bytes.length > MOST_BYTES) return { problem: `larger than ${MOST_BYTES / 1024 / 1024} MiB` }
  if (bytes.includes(0)) return { problem: 'not a text: it holds NUL bytes' }
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    return text.trim() === '' ? { problem: 'empty' } : { text }
  } catch {
    return { problem: 'not in UTF-8: save it as UTF-8' }
  }
}

/** The first line that says something, for a text without a name. */
export function titleOf(text: string): string {
  const line = text.split('\n').find((one) => one.trim() !== '') ?? ''
  const plain = line
    .replace(/^#+\s*/, '')
    .replace(/\p{Cc}/gu, ' ')
    .trim()
  return plain.length <= 80 ? plain : `${plain.slice(0, 79).toWellFormed()}…`
}

/** A path as the service takes it as a source: one line, and not too long. */
export function sourceOf(path: string): string {
  return path
    .replace(/\p{Cc}/gu, ' ')
    .toWellFormed()
    .slice(-2_000)
}

export interface Given {
  readonly key: string
  readonly document: NewDocument
}

/** In their order, none too large for one request. */
export function batchesOf(given: readonly Given[], most: number = BATCH_BYTES): Given[][] {
  const batches: Given[][] = []
  let room = 0
  for (const one of given) {
    const size = JSON.stringify(one.document).length
    const last = batches.at(-1)
    if (last === undefined || size > room || last.length >= BATCH_DOCUMENTS) {
      batches.push([one])
      room = most - size
    } else {
      last.push(one)
      room -= size
    }
  }
  return batches
}
