import { Breaker, type BreakerState } from '../breaker/machine.ts'
import type { BreakerOptions } from '../breaker/options.ts'
import type { OriginGuard } from '../exchange/host.ts'
import { RetryBudget, type BudgetOptions } from '../retry/budget.ts'
import type { Runtime } from '../runtime.ts'

/** Origins whose breaker and budget are remembered. */
const REMEMBERED_ORIGINS = 1_024

/** What a client remembers of the origins that it calls: each has its own breaker and budget. */
export class Origins {
  private readonly guards = new Map<string, OriginGuard>()
  private readonly runtime: Runtime
  private readonly breaker: BreakerOptions | undefined
  private readonly budget: BudgetOptions | undefined

  /** @throws ConfigError naming every option that is wrong. */
  constructor(runtime: Runtime, breaker: BreakerOptions | undefined, budget: BudgetOptions | undefined) {
    this.runtime = runtime
    this.breaker = breaker
    this.budget = budget
    this.newGuard() // so that wrong options fail here, not at the first call
  }

  guard(origin: string): OriginGuard {
    const known = this.guards.get(origin)
    if (known !== undefined) return known
    if (this.guards.size >= REMEMBERED_ORIGINS) this.forgetWellOnes()
    const guard = this.newGuard()
    this.guards.set(origin, guard)
    return guard
  }

  /** The worst state of all. */
  state(): BreakerState {
    const now = this.runtime.now()
    let worst: BreakerState = 'closed'
    for (const { breaker } of this.guards.values()) {
      const state = breaker.state(now)
      if (state === 'open') return 'open'
      if (state === 'half-open') worst = 'half-open'
    }
    return worst
  }

  private forgetWellOnes(): void {
    const now = this.runtime.now()
    for (const [origin, { breaker }] of this.guards) {
      if (breaker.state(now) === 'closed') this.guards.delete(origin)
    }
  }

  private newGuard(): OriginGuard {
    return { breaker: new Breaker(this.breaker), budget: new RetryBudget(this.budget) }
  }
}
