/** A process to show that does what a test says, second by second, on a clock that a test moves. */
import { ManualRuntime } from 'keepwarm/testing'
import type { ClientSnapshot, HistorySlice, ProcessSnapshot } from 'keepwarm'
import type { Observed, Verdict } from '../../src/handler/observed.ts'

/** The history begins so many seconds before the clock. */
const SECONDS_BEFORE = 60

export class ToldProcess implements Observed {
  readonly runtime = new ManualRuntime()
  clients = ['search', 'ollama']
  health: ClientSnapshot['health'] = { status: 'healthy', reasons: [] }
  verdicts: Verdict[] = []
  pid = 4242
  /** Bytes of ballast in each snapshot. */
  weight = 0
  snapshots = 0
  disposed = false
  fault: Error | undefined
  private readonly begun = Math.floor(this.runtime.wallClock() / 1_000) - SECONDS_BEFORE

  /** In the middle of a second: each second that the clock moves on, one tick is due. */
  constructor() {
    this.runtime.advance(500)
  }

  snapshot(): ProcessSnapshot {
    if (this.fault !== undefined) throw this.fault
    this.snapshots++
    const at = this.runtime.wallClock()
    const { pid } = this
    return {
      version: 1,
      at,
      process: { pid, node: '26.10.0', uptime: 7, name: 'shop', loop: null, cpu: null, rss: 1 },
      clients: this.clients.map((name) => ({ name, health: this.health }) as unknown as ClientSnapshot),
      pools: [],
      events: [],
      ...(this.weight > 0 && { ballast: 'x'.repeat(this.weight) }),
    }
  }

  /** Each second's `ok` is the second itself. */
  history(since: number = 0): HistorySlice[] {
    const from = Math.max(since, this.begun)
    const running = Math.floor(this.runtime.wallClock() / 1_000)
    // The second that runs is in it, too, with what is known so far: it must not be passed on.
    const seconds = Math.max(0, running + 1 - from)
    const ok = Array.from({ length: seconds }, (_, index) => from + index)
    const series = { ok } as unknown as HistorySlice['series']
    return this.clients.map((client) => ({ version: 1, client, from, seconds, series }))
  }

  diagnose(): Verdict[] {
    return this.verdicts
  }

  [Symbol.dispose](): void {
    this.disposed = true
  }
}
