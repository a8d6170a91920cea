/** What this process itself has to show. */
import type { ProcessSnapshot } from 'keepwarm'
import type { Runtime } from './clock.ts'
import type { Observed, Sight, Source, Verdict, View } from './observed.ts'

/** Whoever asks again within so many ms is shown the same: many who ask cost no more than one. */
const FRESH = 500

/** Connections are most of what a snapshot weighs, and a page shows those of one client: so many of all pools. */
const MOST_CONNECTIONS = 300

interface Look {
  readonly at: number
  readonly snapshot: ProcessSnapshot
  readonly verdicts: readonly Verdict[]
}

/** Adds to a snapshot what the dashboard itself did. */
export type Annotate = (snapshot: ProcessSnapshot) => ProcessSnapshot

export interface LocalOptions {
  readonly annotate?: Annotate
  /** Whether there may be clients again when all were closed. */
  readonly mayGrow?: boolean
}

export class LocalSource implements Source {
  private readonly observed: Observed
  private readonly runtime: Runtime
  private readonly annotate: Annotate
  private readonly mayGrow: boolean
  private hadClients = false
  private last: Look | undefined

  constructor(
    observed: Observed,
    runtime: Runtime,
    { annotate = (snapshot) => snapshot, mayGrow = false }: LocalOptions = {},
  ) {
    this.observed = observed
    this.runtime = runtime
    this.annotate = annotate
    this.mayGrow = mayGrow
  }

  look(_view: View, since: number): Sight {
    const { snapshot, verdicts } = this.fresh()
    const rows = since === 0 ? this.observed.history() : this.observed.history(since + 1)
    const { pid, name } = snapshot.process
    const id = String(pid)
    return { view: id, snapshot, verdicts, rows, processes: [{ id, pid, name, silent: false }] }
  }

  get over(): boolean {
    return !this.mayGrow && this.hadClients && this.last?.snapshot.clients.length === 0
  }

  private fresh(): Look {
    const now = this.runtime.now()
    if (this.last !== undefined && now - this.last.at < FRESH) return this.last
    const snapshot = this.observed.snapshot({ connections: MOST_CONNECTIONS })
    if (snapshot.clients.length > 0) this.hadClients = true
    const verdicts = this.observed.diagnose(snapshot)
    this.last = { at: now, snapshot: this.annotate(snapshot), verdicts }
    return this.last
  }
}
