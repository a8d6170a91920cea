/** What is to be fetched, read from what `fetch` was given and checked as the standard says. */
import type { Priority } from '../../pool/lanes.ts'
import type { WireHeaders } from '../headers.ts'
import type { FetchBody } from './fetch-body.ts'

export type RedirectMode = 'follow' | 'error' | 'manual'

export interface FetchRequest {
  readonly url: URL
  readonly method: string
  /** The caller's own, without those that every request gets. */
  readonly headers: WireHeaders
  readonly body: FetchBody | undefined
  readonly redirect: RedirectMode
  readonly signal: AbortSignal | undefined
  readonly priority: Priority | undefined
  readonly cache: string
}
