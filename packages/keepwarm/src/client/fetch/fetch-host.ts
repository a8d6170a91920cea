import type { Dispatcher } from 'undici'
import type { CallPlan } from '../../exchange/plan.ts'
import type { Runtime } from '../../runtime.ts'
import type { Calls } from '../calls.ts'
import type { Reading } from '../decode/reading.ts'
import type { Defaults } from '../wire-request.ts'
import type { EveryRequest } from './fetch-headers.ts'

/** What a fetch needs of its client. */
export interface FetchHost {
  readonly runtime: Runtime
  readonly calls: Calls
  readonly plan: CallPlan
  readonly defaults: Defaults
  readonly every: EveryRequest
  readonly reading: Reading
  /** The client itself, and its pool. */
  readonly dispatcher: Dispatcher
  readonly pool: Dispatcher
}
