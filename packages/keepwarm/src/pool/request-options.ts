import { errors } from 'undici'
import { isPriority, priorities, type PriorityLevel } from './lanes.ts'
import type { DispatchOptions } from './lease.ts'

/** The options as they go to the connection. */
export function acceptOptions(options: DispatchOptions): DispatchOptions {
  if (options === null || typeof options !== 'object')
    throw new errors.InvalidArgumentError('the options of a request must be an object')
  return withKeptHead(options)
}

/** undici closes the connection after a HEAD unless told that the server behaves; a connection is worth the trust. */
function withKeptHead(options: DispatchOptions): DispatchOptions {
  if (options.method !== 'HEAD' || options.reset !== undefined) return options
  return { ...options, reset: false }
}

/** @throws InvalidArgumentError naming what came and what is allowed */
export function priorityLevel(priority: unknown): PriorityLevel {
  if (isPriority(priority)) return priorities[priority]
  throw new errors.InvalidArgumentError(
    `priority is ${JSON.stringify(priority) ?? typeof priority}; it must be one of ${Object.keys(priorities).join(', ')}`,
  )
}
