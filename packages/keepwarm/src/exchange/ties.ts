import type { Readable } from 'node:stream'
import type { Course } from './course.ts'

/** Lets the caller's signal, and a body that belongs to the call, end it. Returns what lets go of both. */
export function tie(
  exchange: Course,
  signal: AbortSignal | undefined,
  upload: Readable | undefined,
): () => void {
  const aborted = (): void => exchange.end('aborted', signal?.reason)
  signal?.addEventListener('abort', aborted, { once: true })
  // The listener stays: a stream may fail once more while it is closed, and unheard that would end the process.
  upload?.on('error', (error) => exchange.end('invalid_request', error))
  return () => {
    signal?.removeEventListener('abort', aborted)
    upload?.destroy()
  }
}
