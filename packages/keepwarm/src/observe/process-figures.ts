/** How the process itself is: memory, processor time, and how late its event loop runs. */
import type { Runtime } from '../runtime.ts'
import { LoopWatch } from './loop-watch.ts'
import type { ProcessFacts } from './process-snapshot.ts'

/** Whoever asks again within so many ms is told the same: a shorter time says little. */
const SHORTEST = 500

type Measured = Pick<ProcessFacts, 'loop' | 'cpu'>

export class ProcessFigures implements Disposable {
  private readonly runtime: Runtime
  private readonly name: string
  private readonly loop: LoopWatch
  private measured: Measured = { loop: null, cpu: null }
  private measuredAt: number = -Infinity
  private cpuAt = 0

  constructor(name: string, runtime: Runtime) {
    this.name = name
    this.runtime = runtime
    this.loop = new LoopWatch(runtime)
  }

  read(): ProcessFacts {
    const now = this.runtime.now()
    if (now - this.measuredAt >= SHORTEST) this.measure(now)
    return {
      pid: process.pid,
      node: process.versions.node,
      uptime: process.uptime(),
      name: this.name,
      ...this.measured,
      rss: process.memoryUsage.rss(),
    }
  }

  [Symbol.dispose](): void {
    this.loop[Symbol.dispose]()
  }

  private measure(now: number): void {
    const { user, system } = process.cpuUsage()
    const used = (user + system) / 1_000
    const passed = now - this.measuredAt
    const cpu = passed === Infinity ? null : (used - this.cpuAt) / passed
    this.measured = { loop: this.loop.look(), cpu }
    this.cpuAt = used
    this.measuredAt = now
  }
}
