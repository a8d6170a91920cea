import { Breaker, type BreakerState } from '../breaker/machine.ts'
import type { BreakerOptions } from '../breaker/options.ts'
import type { Endpoint } from '../balance/endpoint.ts'
import type { OriginGuard } from '../exchange/host.ts'
import { HedgePolicy } from '../hedge/policy.ts'
import type { HedgeOptions } from '../hedge/options.ts'
import { GroupBook } from '../pool/group-book.ts'
import type { EndpointGroups } from '../pool/groups.ts'
import { RetryBudget, type BudgetOptions } from '../retry/budget.ts'
import { OriginPause } from '../retry/pause.ts'
import type { Runtime } from '../runtime.ts'

/** Origins whose breaker and budget are remembered. */
const REMEMBERED_ORIGINS = 1_024

/** The client's own budget is so many times that of an origin: several may be in trouble, but not all at once. */
const ORIGINS_IN_TROUBLE = 2

/** What is kept for each origin, and how. */
export interface GuardOptions {
  readonly breaker: BreakerOptions | undefined
  readonly budget: BudgetOptions | undefined
  readonly hedge: HedgeOptions | undefined
  /** Each endpoint group is guarded by itself. */
  readonly groups: EndpointGroups | undefined
}

/** What a client remembers of the origins that it calls: each, and each endpoint group, has its own breaker and budget. */
export class Origins {
  private readonly guards = new Map<string, OriginGuard>()
  private readonly runtime: Runtime
  private readonly options: GuardOptions
  private readonly budget: RetryBudget
  private readonly groups: GroupBook | undefined

  /** @throws ConfigError naming every option that is wrong. */
  constructor(runtime: Runtime, options: GuardOptions) {
    this.runtime = runtime
    this.options = options
    this.groups = options.groups === undefined ? undefined : new GroupBook(options.groups)
    this.budget = new RetryBudget(severalTimes(options.budget))
    this.newGuard('', undefined) // so that wrong options fail here, not at the first call
  }

  /** @param endpoint as which a balancer knows the origin. */
  guard(origin: string, path: string, endpoint?: Endpoint): OriginGuard {
    const group = this.groups?.find(origin, path)
    const key = group === undefined ? origin : `${origin} ${group}`
    const known = this.guards.get(key)
    // Who asks for an endpoint by its whole URL is guarded as those are whom the balancer sent there.
    if (known !== undefined && (endpoint === undefined || known.endpoint === endpoint)) return known
    if (this.guards.size >= REMEMBERED_ORIGINS) this.forgetWellOnes()
    const guard =
      known === undefined ? this.newGuard(origin, endpoint, group) : { ...known, endpoint, underWay: 0 }
    this.guards.set(key, guard)
    return guard
  }

  /** What is kept under a key of {@link all}; kept from now on when it was not. */
  known(key: string): OriginGuard {
    const known = this.guards.get(key)
    if (known !== undefined) return known
    const [origin, group] = key.split(/ (.*)/, 2)
    const guard = this.newGuard(origin!, undefined, group)
    this.guards.set(key, guard)
    return guard
  }

  /** What is guarded so far, by origin; with the name of the group, where there is one. */
  all(): ReadonlyMap<string, OriginGuard> {
    return this.guards
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

  private newGuard(origin: string, endpoint: Endpoint | undefined, group?: string): OriginGuard {
    const { breaker, budget, hedge } = this.options
    return {
      origin,
      group,
      breaker: new Breaker(breaker),
      budget: new RetryBudget(budget, this.budget),
      pause: new OriginPause(),
      hedges: hedge === undefined ? undefined : new HedgePolicy(hedge),
      endpoint,
      underWay: 0,
    }
  }
}

function severalTimes({ start = 5, cap = 100, ...others }: BudgetOptions = {}): BudgetOptions {
  return { ...others, start: start * ORIGINS_IN_TROUBLE, cap: cap * ORIGINS_IN_TROUBLE }
}
