/** What the calls of the chaos came to, by fault. Holds numbers only, so that it does not grow. */
import type { Fault } from './chaos-plan.ts'

export interface FaultTally {
  readonly fault: Fault
  requests: number
  answered: number
  /** The caller left. */
  left: number
  failed: number
  readonly failuresByCode: Record<string, number>
  /** Attempts after the first that a client made. */
  retries: number
}

export class ChaosTally {
  private readonly rows = new Map<Fault, FaultTally>()

  of(fault: Fault): FaultTally {
    let row = this.rows.get(fault)
    if (row === undefined) {
      row = { fault, requests: 0, answered: 0, left: 0, failed: 0, failuresByCode: {}, retries: 0 }
      this.rows.set(fault, row)
    }
    return row
  }

  failed(fault: Fault, code: string): void {
    const row = this.of(fault)
    row.failed++
    row.failuresByCode[code] = (row.failuresByCode[code] ?? 0) + 1
  }

  all(): FaultTally[] {
    return [...this.rows.values()]
  }
}
