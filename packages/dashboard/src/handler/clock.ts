/** The machine's own time, behind the same door as the library's, so that tests bring theirs. */
import { performance } from 'node:perf_hooks'
import type { Runtime, Timer } from 'keepwarm'

export type { Runtime, Timer }

export const realRuntime: Runtime = {
  now: () => performance.now(),
  wallClock: () => Date.now(),
  random: () => Math.random(),
  after: (delay, action) => {
    const timeout = setTimeout(action, delay)
    return {
      cancel: () => clearTimeout(timeout),
      hold: (alive) => void (alive ? timeout.ref() : timeout.unref()),
    }
  },
}
