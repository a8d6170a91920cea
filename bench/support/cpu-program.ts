/** The process whose CPU time is measured: it opens a pool for each arm, and runs the arm that it is asked for. */
import { setImmediate as breathe } from 'node:timers/promises'
import v8 from 'node:v8'
import { cpuArms, type CpuArm, type Getter } from './cpu-arms.ts'
import { fetchArms, type FetchArm } from './fetch-arms.ts'
import { smallText } from './documents.ts'
import { answerQuestions, settingsOf } from './program.ts'
import { share } from './share.ts'

export interface CpuSettings {
  readonly origin: string
  readonly arms: readonly (CpuArm | FetchArm)[]
  readonly connections: number
  readonly requests: number
}

/** What one run cost, per request. */
export interface CpuSample {
  /** User and system time of the whole process, garbage collection and all. */
  readonly cpuUs: number
  /** The clock on the wall. */
  readonly wallUs: number
  /** Bytes allocated on V8's heap; undefined where this Node does not count them. */
  readonly heapBytes: number | undefined
}

const { origin, arms, connections, requests } = settingsOf<CpuSettings>()
const openers = { ...cpuArms, ...fetchArms }
const getters = new Map<CpuArm | FetchArm, Getter>()
for (const arm of arms) getters.set(arm, openers[arm](origin, connections))

answerQuestions('ready', (arm: CpuArm | FetchArm) => measure(getters.get(arm)!))

async function measure(getter: Getter): Promise<CpuSample> {
  await breathe()
  const heapBefore = allocated()
  const cpuBefore = process.cpuUsage()
  const startedAt = performance.now()
  await share(requests, connections, async () => {
    if ((await getter.get()) !== smallText) throw new Error('the answer is not what the server sent')
  })
  const wallUs = (performance.now() - startedAt) * 1_000
  const { user, system } = process.cpuUsage(cpuBefore)
  const heapAfter = allocated()
  return {
    cpuUs: (user + system) / requests,
    wallUs: wallUs / requests,
    heapBytes:
      heapBefore === undefined || heapAfter === undefined ? undefined : (heapAfter - heapBefore) / requests,
  }
}

/** All that was ever allocated, collected or not. */
function allocated(): number | undefined {
  return (v8.getHeapStatistics() as { total_allocated_bytes?: number }).total_allocated_bytes
}
