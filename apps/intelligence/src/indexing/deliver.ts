/** The last stage: the finished document goes to the search service through the application's shared client. */
import { HttpStatusError, type HttpClient } from 'keepwarm'
import type { ClaimedJob } from './job-records.ts'
import { deliveredSchema, DELIVERY_PATH, toDelivery, type Delivered } from './delivery.ts'
import type { Findings, StageName } from './findings.ts'
import type { StageWork } from './stages.ts'

export interface DeliveryTarget {
  /** In front of the path; empty when the client has a base URL of its own. */
  readonly url: string
  /** Whether the receiver has the queue, stores the document and ends its job in one transaction. */
  readonly hasQueue: boolean
  readonly token: string | undefined
}

/** Somebody else has the job by now, or the document was removed: what was found is not wanted. */
export class NoLongerWanted extends Error {
  override get name(): string {
    return 'NoLongerWanted'
  }
}

/**
 * Delivers once, however often it is sent: with a job, the receiver stores only for the lease that still holds.
 *
 * @throws NoLongerWanted when it no longer does.
 */
export async function deliver(
  shared: HttpClient,
  target: DeliveryTarget,
  job: ClaimedJob,
  { draft, findings, limits }: StageWork,
  degraded: readonly StageName[],
): Promise<Delivered> {
  const json = toDelivery(draft, findings satisfies Findings, degraded, target.hasQueue ? job : undefined)
  const headers = target.token === undefined ? {} : { authorization: `Bearer ${target.token}` }
  const call = {
    json,
    headers,
    idempotent: true,
    ...(limits.signal === undefined ? {} : { signal: limits.signal }),
  }
  try {
    return await shared.post(target.url + DELIVERY_PATH, call).json(deliveredSchema)
  } catch (error) {
    if (target.hasQueue && error instanceof HttpStatusError && error.status === 409) {
      throw new NoLongerWanted('the document is no longer wanted', { cause: error })
    }
    throw error
  }
}

/** Milliseconds after which a search service that does not even say how it is is taken to be down. */
const ASK_TIMEOUT = 5_000

/** Resolves when the search service answers at all, whatever it says but that it is broken. */
export async function askTarget(
  shared: HttpClient,
  { url }: DeliveryTarget,
  signal?: AbortSignal,
): Promise<void> {
  const call = { timeout: ASK_TIMEOUT, resilience: 'none', throwOnStatus: false } as const
  const stoppable = signal === undefined ? call : { ...call, signal }
  await using response = await shared.get(`${url}/health/live`, stoppable)
  if (response.status >= 500) throw new Error(`the search service answered ${response.status}`)
}
