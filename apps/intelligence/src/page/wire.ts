/** What the service answers, by the very schemas that it describes itself with. Types alone: nothing of it is in the page. */
import type { z } from 'zod'
import type { IndexEvent } from '../indexing/feed.ts'
import type * as answers from '../openapi/answers.ts'

export type Found = z.output<typeof answers.searchResult>
export type Hit = Found['hits'][number]
export type Stored = z.output<typeof answers.storedDocument>
export type Chunk = Stored['chunks'][number]
export type Status = z.output<typeof answers.documentStatus>
export type Related = z.output<typeof answers.related>['related'][number]
export type KnownEntity = z.output<typeof answers.entityList>['entities'][number]
export type AcceptedBatch = z.output<typeof answers.acceptedBatch>
export type Health = z.output<typeof answers.health>
/** What happens to a document; processes come and go besides. */
export type Event = Extract<IndexEvent, { readonly document: string }>

/** As `GET /documents` lists them, by what was asked for. */
export interface Summary {
  readonly id: string
  readonly title: string
  readonly source: string | null
  readonly type: string | null
  readonly size: number
  readonly updated_at: number
}
export type Counts = z.output<typeof answers.documentList>['counts']
export type DeadJob = Pick<Status, 'document_id' | 'reason' | 'attempts'>

/** As the service sends a document to itself. */
export interface NewDocument {
  readonly content: string
  readonly title?: string
  readonly source?: string
  readonly modified_at?: number
}
