import type { EventEmitter } from 'node:events'
import type { Dispatcher } from 'undici'

/**
 * Emits one of undici's dispatcher events; its types know fewer of them than its dispatchers emit. What a listener
 * throws is an uncaught exception as always, but not in the middle of the pool's work.
 */
export function tell(
  pool: Dispatcher,
  event: 'connect' | 'disconnect' | 'connectionError' | 'drain',
  origin: string | URL,
  targets: Dispatcher[],
  error?: Error,
): void {
  if (pool.listenerCount(event) === 0) return
  try {
    ;(pool as EventEmitter).emit(event, origin, targets, error)
  } catch (thrown) {
    queueMicrotask(() => {
      throw thrown
    })
  }
}
