/** Generators that wait for a server, and end at once when nobody wants more. */
import type { Runtime } from '../runtime.ts'

/**
 * A generator that hears of `return()` at once. By itself an async generator hears of it when what it waits for is there,
 * which for an event of a quiet stream may be never.
 *
 * @param run an async generator function: what it throws is told to who asks for the first value. The signal that it is
 * given is aborted when nobody wants more; it should end quietly then.
 */
export function stoppable<T>(run: (stopped: AbortSignal) => AsyncGenerator<T>): AsyncGenerator<T> {
  const stop = new AbortController()
  const inner = run(stop.signal)
  return {
    next: () => inner.next(),
    return: (value) => {
      stop.abort()
      return inner.return(value)
    },
    throw: (error) => {
      stop.abort()
      return inner.throw(error)
    },
    [Symbol.asyncIterator]() {
      return this
    },
    async [Symbol.asyncDispose]() {
      await this.return(undefined)
    },
  }
}

/** Resolves in `ms`, or when the signal is aborted. */
export function pause(runtime: Runtime, ms: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  if (signal.aborted) return Promise.resolve()
  const timer = runtime.after(ms, resolve)
  const leave = (): void => {
    timer.cancel()
    resolve()
  }
  signal.addEventListener('abort', leave)
  return promise.finally(() => signal.removeEventListener('abort', leave))
}
