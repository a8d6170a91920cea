/**
 * What is said of a request that may not go where it wants to. It names what the caller asked for, not where that leads:
 * whoever may choose the URL shall not map a network by our errors.
 */
import { KeepwarmError } from '../errors.ts'

export function notAllowed(origin: string): KeepwarmError {
  return new KeepwarmError('invalid_request', `${origin} is not among the allowedOrigins`, { phase: 'admit' })
}

export function notPublic(host: string): KeepwarmError {
  const message = `${host} leads to no address of the public internet, and privateAddresses is 'refuse'`
  return new KeepwarmError('invalid_request', message, { phase: 'admit' })
}
