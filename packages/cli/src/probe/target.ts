/** What is probed, and within which bounds. */
import type { Headers } from '../target/headers.ts'
import type { Trust } from '../target/target.ts'

export interface ProbePlan {
  readonly url: URL
  /** GET: Node's own parser ends a connection after some answers to HEAD. */
  readonly method: 'GET'
  readonly headers: Headers
  readonly trust: Trust
  /** Whether HTTP/2 is left out. */
  readonly http1: boolean
  /** How long a connection is left idle at most, in ms. */
  readonly maxIdle: number
  /** Requests on one connection at most. */
  readonly maxRequests: number
  /** How long a dial or an answer may take, in ms. */
  readonly timeout: number
  /** From which idle time on the race is left out, in ms. */
  readonly raceWithin: number
}
