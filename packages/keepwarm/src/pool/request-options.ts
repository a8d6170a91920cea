import { errors } from 'undici'
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
