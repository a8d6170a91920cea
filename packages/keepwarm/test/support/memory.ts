/** What is left in memory when nobody needs it any more. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { eventually, sleep } from './wait.ts'

setFlagsFromString('--expose-gc')
/** At once. */
export const collectGarbage = runInNewContext('gc') as () => void

/** Bytes of the heap that are still reachable. */
export async function heapInUse(): Promise<number> {
  // What waits for its finalizer or for a turn of the loop is reachable once more.
  for (let i = 0; i < 3; i++) {
    collectGarbage()
    await sleep(5)
  }
  return process.memoryUsage().heapUsed
}

/** Comes back when `check` holds after a collection; fails when it does not in five seconds. */
export async function collected(check: () => boolean, what: string): Promise<void> {
  await eventually(() => (collectGarbage(), check()), `no longer in memory: ${what}`)
}
