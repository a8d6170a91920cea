/**
 * A deadline that everything below a function keeps without being told: the handler of a request sets it, and each
 * call made on the way, however deep, ends in time.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import { ConfigError } from '../errors.ts'
import { realRuntime } from '../runtime.ts'

/** A moment on the clock that `now` is read from. */
export interface Moment {
  readonly at: number
}

const ambient = new AsyncLocalStorage<number>()

/**
 * Runs `work` with a deadline. It holds for all that begins in there, across awaits and timers, and ends with nothing:
 * what waits for it has to ask. Inside another one the earlier of the two holds.
 *
 * @param limit ms from `now`, or a moment. 0 and moments gone by are allowed: then there is no time.
 * @param now of the clock that deadlines are kept by. Default: the machine's.
 * @throws ConfigError when the limit is negative or no number.
 * @example await withDeadline(2_000, () => handle(request))
 */
export function withDeadline<T>(limit: number | Moment, work: () => T, now: number = realRuntime.now()): T {
  const at = typeof limit === 'number' ? now + limit : limit.at
  if (Number.isNaN(at) || (typeof limit === 'number' && limit < 0)) throw unusable(limit)
  return ambient.run(Math.min(at, ambient.getStore() ?? Infinity), work)
}

/** Runs `work` without the deadline around it: for what shall outlive the request, such as filling a cache. */
export function withoutDeadline<T>(work: () => T): T {
  return ambient.run(Infinity, work)
}

/**
 * The moment by which what runs here has to be done; undefined when nobody said.
 *
 * @example const deadline = Math.min(own, ambientDeadline() ?? Infinity)
 */
export function ambientDeadline(): number | undefined {
  const at = ambient.getStore()
  return at === Infinity ? undefined : at
}

function unusable(limit: number | Moment): ConfigError {
  return new ConfigError([
    {
      variable: 'deadline',
      received: typeof limit === 'number' ? String(limit) : `{ at: ${limit.at} }`,
      expected: 'milliseconds from 0, or { at } with a moment',
    },
  ])
}
