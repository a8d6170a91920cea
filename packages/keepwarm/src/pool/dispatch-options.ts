/** What the pool understands beyond undici's own options and handlers. */
import type { Dispatcher } from 'undici'
import type { Trail } from '../observe/trail.ts'
import type { Priority } from './lanes.ts'

export type DispatchOptions = Dispatcher.DispatchOptions & {
  signal?: unknown
  servername?: string
  allowH2?: boolean
  /** Whether it is served before or after others that wait. Default `auto`. */
  priority?: Priority
}

/** What a handler of the house may have besides. */
export interface PoolHandler extends Dispatcher.DispatchHandler {
  /** Until when it may wait, if that is sooner than the pool's own `acquireTimeout`. */
  acquireBy?: number
  /** How long it may wait, in ms, instead of the pool's own `acquireTimeout`. */
  acquireTimeout?: number | undefined
  /** The call that it belongs to, where somebody watches that, and which attempt of it this is. */
  readonly trail?: Trail | null | undefined
  readonly trailAttempt?: number
  /** What it is, as the call names it. */
  readonly operation?: string | undefined
  /** The request is being written to a connection. Not called while it waits. */
  onWire?(): void
  /** It lost its connection, and waits for another. */
  onBack?(): void
}
