/** The workflows the coordinator knows, and which key triggered which. In memory, bounded. */
import type { WorkflowRun } from './run.ts'

export interface Answered {
  readonly workflowId: string
  /** What the request said, to notice a key that is used for something else. */
  readonly fingerprint: string
  readonly answer: unknown
}

export class WorkflowStore {
  private readonly runs = new Map<string, WorkflowRun>()
  private readonly finished: string[] = []
  private readonly byKey = new Map<string, Answered>()
  private readonly keyOf = new Map<string, string>()
  private readonly keep: number

  /** `keep` is how many finished workflows are remembered, with their keys; the oldest are forgotten first. */
  constructor(keep: number) {
    this.keep = keep
  }

  add(run: WorkflowRun, key: string | undefined, answered: Omit<Answered, 'workflowId'>): void {
    this.runs.set(run.id, run)
    if (key === undefined) return
    this.byKey.set(key, { ...answered, workflowId: run.id })
    this.keyOf.set(run.id, key)
  }

  find(id: string): WorkflowRun | undefined {
    return this.runs.get(id.toLowerCase())
  }

  answered(key: string): Answered | undefined {
    return this.byKey.get(key)
  }

  get active(): WorkflowRun[] {
    return [...this.runs.values()].filter((run) => !run.isOver)
  }

  ended(run: WorkflowRun): void {
    this.finished.push(run.id)
    while (this.finished.length > this.keep) this.forget(this.finished.shift()!)
  }

  private forget(id: string): void {
    this.runs.delete(id)
    const key = this.keyOf.get(id)
    if (key !== undefined) this.byKey.delete(key)
    this.keyOf.delete(id)
  }
}
