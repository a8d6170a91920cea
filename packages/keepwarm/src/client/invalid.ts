import { KeepwarmError } from '../errors.ts'

/** What the caller asked for cannot be sent. */
export function invalid(why: string, cause?: unknown): KeepwarmError {
  return new KeepwarmError('invalid_request', `the request cannot be sent: ${why}`, { phase: 'admit', cause })
}
