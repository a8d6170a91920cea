/** Ctrl-C and what a supervisor sends. */

/** Milliseconds in which npm and the terminal may both deliver the same Ctrl-C. */
const SAME = 1_000
/** Milliseconds in which a second one means: at once. */
const AT_ONCE = 10_000

export type Stop = 'stop' | 'same' | 'at_once'

/** What a signal means. Pure. @param before when the one that began the stopping came; undefined for the first */
export function readStop(before: number | undefined, now: number): Stop {
  if (before === undefined) return 'stop'
  if (now - before < SAME) return 'same'
  return now - before <= AT_ONCE ? 'at_once' : 'same'
}

export interface StopSignals extends Disposable {
  /** Aborts with the first signal; its reason is the signal's name. */
  readonly signal: AbortSignal
}

/** @param atOnce called for a second signal: nothing is waited for any more */
export function watchStopSignals(atOnce: () => void): StopSignals {
  const controller = new AbortController()
  let before: number | undefined
  const react = (name: NodeJS.Signals): void => {
    const meaning = readStop(before, performance.now())
    if (meaning === 'at_once') return atOnce()
    if (meaning === 'same') return
    before = performance.now()
    controller.abort(name)
  }
  const names = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  for (const name of names) process.on(name, react)
  return {
    signal: controller.signal,
    [Symbol.dispose]: () => {
      for (const name of names) process.off(name, react)
    },
  }
}
