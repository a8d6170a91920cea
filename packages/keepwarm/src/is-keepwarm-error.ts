import { isBranded } from './error-brand.ts'
import type { ConfigError, ErrorCode, HttpStatusError, KeepwarmError } from './errors.ts'

/** The error that a code belongs to. */
export type ErrorOf<Code extends ErrorCode> = Code extends 'status'
  ? HttpStatusError
  : Code extends 'config'
    ? ConfigError
    : KeepwarmError & { readonly code: Code }

/** So many causes are looked at. */
const DEEPEST = 16

/**
 * Whether it is an error of this library, made by this copy of it or by another one; with a code, whether it is that one.
 * Looks at the error alone: see {@link findKeepwarmError} for what `fetch` and SDKs wrap.
 *
 * @example if (isKeepwarmError(error, 'breaker_open')) return { ...cached, staleFor: error.retryAfter }
 */
export function isKeepwarmError(error: unknown): error is KeepwarmError
export function isKeepwarmError<Code extends ErrorCode>(error: unknown, code: Code): error is ErrorOf<Code>
export function isKeepwarmError(error: unknown, code?: ErrorCode): boolean {
  return isBranded(error, 'KeepwarmError') && (code === undefined || (error as KeepwarmError).code === code)
}

/**
 * The same, with what caused it: `fetch` rejects with a TypeError whose `cause` is ours, and SDKs wrap that once more.
 * The first that fits, from the outside in; undefined when there is none.
 *
 * @example
 * const failure = findKeepwarmError(error)
 * if (failure?.sent === 'no') requeue(job)
 */
export function findKeepwarmError(error: unknown): KeepwarmError | undefined
export function findKeepwarmError<Code extends ErrorCode>(
  error: unknown,
  code: Code,
): ErrorOf<Code> | undefined
export function findKeepwarmError(error: unknown, code?: ErrorCode): KeepwarmError | undefined {
  let at = error
  for (let depth = 0; depth < DEEPEST && typeof at === 'object' && at !== null; depth++) {
    if (code === undefined ? isKeepwarmError(at) : isKeepwarmError(at, code)) return at as KeepwarmError
    at = (at as { cause?: unknown }).cause
  }
  return undefined
}
