/**
 * Errors as `fetch` has them. Libraries know a network error by being a TypeError with one of a few texts: p-retry and ky
 * look for exactly `fetch failed`, others for `terminated` in the middle of a body. So these texts are kept, and the
 * whole story is in `cause`, which is a {@link KeepwarmError}.
 */

/** There is no response. A body that its maker aborted takes the request with it, and is no failure of the network. */
export function fetchError(error: Error): Error {
  const { cause } = error
  if (cause instanceof DOMException && cause.name === 'AbortError') return cause
  return new TypeError('fetch failed', { cause: error })
}

/** The response's body broke off. */
export function bodyError(error: Error): TypeError {
  return new TypeError('terminated', { cause: error })
}

const turn: Promise<void> = Promise.resolve()

/**
 * Rejects with the reason. An error of ours is made where the socket reports it; here its stack gets the lines of whoever
 * awaits the promise that is resolved with this one, which V8 knows two turns later.
 */
export async function failed(reason: unknown): Promise<never> {
  await turn
  await turn
  if (reason instanceof TypeError) Error.captureStackTrace(reason, failed)
  throw reason
}
