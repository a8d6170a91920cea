/** A document as it came in, before anything is known about it. */
import { posix } from 'node:path'
import { contentHash, documentId } from '../store/identity.ts'
import type { JsonObject } from '../store/records.ts'
import { firstHeading } from './blocks.ts'

/** Documents that came together, such as a folder. */
export interface Batch {
  readonly id: string
  readonly name: string
}

/** What the queue keeps of a document until it is indexed. JSON. */
export interface Draft {
  readonly id: string
  readonly title: string
  readonly content: string
  readonly source: string | null
  /** Such as `markdown` or `text`. */
  readonly type: string
  readonly metadata: JsonObject
  /** When the text was changed, as far as is known; milliseconds since 1970. */
  readonly modifiedAt: number
  /** When it came; the same in every attempt, so that what is done twice is seen to be the same. */
  readonly acceptedAt: number
  readonly batch: Batch | null
  /** The request that brought it; what is done for the document is done on its behalf. */
  readonly origin?: Origin
}

export interface Origin {
  readonly requestId: string
  readonly traceparent: string
}

export interface DraftInput {
  readonly content: string
  readonly id?: string | undefined
  /** Default: the first heading, else the source's last part, else the first line. */
  readonly title?: string | undefined
  readonly source?: string | undefined
  /** Default: by the source's ending, else `markdown`. */
  readonly type?: string | undefined
  readonly metadata?: JsonObject | undefined
  readonly modifiedAt?: number | undefined
  readonly batch?: Batch | undefined
  readonly origin?: Origin | undefined
}

/** @example toDraft({ content: '# Pool\n\nOne queue.', source: 'docs/pool.md' }, Date.now()).title // 'Pool' */
export function toDraft(input: DraftInput, now: number): Draft {
  const { content, source = null, metadata = {} } = input
  const title = input.title ?? titleOf(content, source)
  return {
    id: documentId({ id: input.id ?? null, source, title, content }),
    title,
    content,
    source,
    type: input.type ?? typeOf(source),
    metadata,
    modifiedAt: input.modifiedAt ?? now,
    acceptedAt: now,
    batch: input.batch ?? null,
    ...(input.origin === undefined ? {} : { origin: input.origin }),
  }
}

/** What its findings are true of: the text, and the names that are searched and shown with it. */
export function draftHash({ content, title, source }: Draft): string {
  return contentHash(JSON.stringify([content, title, source]))
}

function titleOf(content: string, source: string | null): string {
  const heading = firstHeading(content)
  if (heading !== undefined) return heading
  if (source !== null && source !== '') return posix.basename(source)
  return shortened(content.trim().split('\n', 1)[0]?.trim() ?? '')
}

function shortened(line: string): string {
  return line.length <= 80
    ? line
    : `${line
        .slice(0, 79)
        .toWellFormed()
        .replace(/\uFFFD$/, '')}…`
}

const types: Readonly<Record<string, string>> = { '.txt': 'text', '.rst': 'rst' }

function typeOf(source: string | null): string {
  return types[posix.extname(source ?? '').toLowerCase()] ?? 'markdown'
}
