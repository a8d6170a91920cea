/** Asking again and again until something is so. */
import { setTimeout as pause } from 'node:timers/promises'

export interface PollOptions {
  /** Milliseconds for all of it. */
  readonly timeout: number
  /** Milliseconds of the first pause; each further one is half as long again. */
  readonly interval: number
  /** No pause is longer, unless `least` asks for it. */
  readonly maxInterval: number
  readonly signal?: AbortSignal | undefined
}

export interface Polled<Answer> {
  /** False when the time was up first. */
  readonly done: boolean
  /** The last answer, if there was one. */
  readonly last: Answer | undefined
}

/**
 * Asks until `isDone` or until the time is up. A question that is under way then is cancelled through its signal.
 *
 * @param least milliseconds that an answer asks to be waited for at least.
 * @throws what `ask` rejects with, and the signal's reason when it aborts
 */
export async function poll<Answer>(
  ask: (signal: AbortSignal) => Promise<Answer>,
  isDone: (answer: Answer) => boolean,
  options: PollOptions,
  least: (answer: Answer) => number = () => 0,
): Promise<Polled<Answer>> {
  const { timeout, interval, maxInterval, signal } = options
  const timeUp = new AbortController()
  const timer = setTimeout(() => timeUp.abort(), timeout)
  const either = signal === undefined ? timeUp.signal : AbortSignal.any([signal, timeUp.signal])
  let last: Answer | undefined
  try {
    for (let wait = interval; ; wait = Math.min(wait * 1.5, maxInterval)) {
      either.throwIfAborted()
      last = await untilAborted(ask(either), either)
      if (isDone(last)) return { done: true, last }
      await pause(Math.max(wait, least(last)), undefined, { signal: either })
    }
  } catch (error) {
    signal?.throwIfAborted()
    if (timeUp.signal.aborted) return { done: false, last }
    throw error
  } finally {
    clearTimeout(timer)
  }
}

/** Not every question can be cancelled; then its answer is no longer waited for. */
function untilAborted<T>(answer: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>()
  const stop = (): void => reject(signal.reason)
  signal.addEventListener('abort', stop, { once: true })
  answer.then(resolve, reject)
  return promise.finally(() => signal.removeEventListener('abort', stop))
}
