/** How the process itself is: memory, processor time, and how late its event loop runs. */
import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { Runtime } from '../runtime.ts'
import type { LoopDelay, ProcessFacts } from './process-snapshot.ts'

/** The event loop is looked at this often, in ms, by a timer of Node's own that holds nothing alive. */
const RESOLUTION = 20
/** Whoever asks again within so many ms is told the same: a shorter time says little. */
const SHORTEST = 500

type Measured = Pick<ProcessFacts, 'loop' | 'cpu'>

export class ProcessFigures implements Disposable {
  private readonly runtime: Runtime
  private readonly name: string
  /** Made when somebody looks for the first time. */
  private delay: ReturnType<typeof monitorEventLoopDelay> | undefined
  private measured: Measured = { loop: null, cpu: null }
  private measuredAt: number = -Infinity
  private cpuAt = 0

  constructor(name: string, runtime: Runtime) {
    this.name = name
    this.runtime = runtime
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
    this.delay?.disable()
    this.delay = undefined
  }

  private measure(now: number): void {
    const { user, system } = process.cpuUsage()
    const used = (user + system) / 1_000
    const passed = now - this.measuredAt
    const cpu = passed === Infinity ? null : (used - this.cpuAt) / passed
    this.measured = { loop: this.loop(), cpu }
    this.cpuAt = used
    this.measuredAt = now
  }

  private loop(): LoopDelay | null {
    if (this.delay === undefined) {
      this.delay = monitorEventLoopDelay({ resolution: RESOLUTION })
      this.delay.enable()
      return null
    }
    const { delay } = this
    if (delay.count === 0) return null
    const loop = {
      p50: late(delay.percentile(50)),
      p99: late(delay.percentile(99)),
      max: late(delay.max),
    }
    delay.reset()
    return loop
  }
}

/** Node tells nanoseconds from one look to the next, the time that it meant to wait included. */
function late(nanoseconds: number): number {
  return Math.max(0, nanoseconds / 1e6 - RESOLUTION)
}
