/** Garbage collection on demand, without a flag on the command line. */
import { setImmediate as breathe } from 'node:timers/promises'
import v8 from 'node:v8'
import vm from 'node:vm'

v8.setFlagsFromString('--expose-gc')
const collect = vm.runInNewContext('gc') as () => void

/** Everything that nobody holds is gone; what finalizers hold takes more than one round. */
export async function collectGarbage(rounds: number = 1): Promise<void> {
  for (let round = 0; round < rounds; round++) {
    collect()
    await breathe()
  }
}
