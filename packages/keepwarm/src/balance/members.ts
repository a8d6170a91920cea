import { ConfigError } from '../errors.ts'
import type { ConfigProblem } from '../errors.ts'
import { Candidates } from './candidates.ts'
import { Endpoint } from './endpoint.ts'

export type Weights = Readonly<Record<string, number>>

/** The endpoints of a service by name, and which of them take part. */
export class Members {
  readonly all: Candidates = new Candidates()
  /** Those that are neither ejected nor down. */
  readonly available: Candidates = new Candidates()
  /** Set where there is only one: then there is nothing to decide. */
  only: Endpoint | undefined
  /** Requests under way to them. */
  inFlight = 0
  private readonly decay: number
  private readonly named = new Map<string, Endpoint>()
  private wellCount = 0
  private weights: Weights
  private totalWeight = 1

  constructor(decay: number, weights: Weights) {
    this.decay = decay
    this.weights = weights
  }

  get size(): number {
    return this.named.size
  }

  /** How many take part and do not fail. */
  get well(): number {
    return this.wellCount
  }

  /** How many requests are under way at an endpoint of weight 1, on average. */
  get crowd(): number {
    return this.inFlight / this.totalWeight
  }

  find(name: string): Endpoint | undefined {
    return this.named.get(name)
  }

  each(): Iterable<Endpoint> {
    return this.named.values()
  }

  /** Puts an endpoint where it belongs, after something about it has changed. */
  place(endpoint: Endpoint): void {
    if (!endpoint.member) return
    const { available } = endpoint
    const well = available && !endpoint.failing
    if (well !== endpoint.well) this.wellCount += well ? 1 : -1
    endpoint.well = well
    if (available) this.available.add(endpoint)
    else this.available.remove(endpoint)
  }

  /**
   * These are the endpoints from now on; those that stay remain the same objects.
   *
   * @param now when new ones begin to take their share; where all are new, nobody could take the rest of it.
   * @param left is told who is none of them any more.
   * @throws ConfigError when there is none, or one twice; then nothing has changed.
   */
  replace(
    names: readonly string[],
    weights: Weights | undefined,
    now: number,
    left: (one: Endpoint) => void,
  ): void {
    const problems = nameProblems(names)
    if (problems.length > 0) throw new ConfigError(problems)
    this.weights = weights ?? this.weights
    const before = new Map(this.named)
    const wanted = new Set(names)
    for (const endpoint of before.values()) {
      if (wanted.has(endpoint.name)) continue
      this.retire(endpoint)
      left(endpoint)
    }
    const risingSince = this.named.size > 0 ? now : -Infinity
    this.named.clear()
    this.all.clear()
    for (const name of names) this.join(before.get(name) ?? this.make(name, risingSince))
    this.only = names.length === 1 ? this.named.get(names[0]!) : undefined
    this.weigh()
  }

  private make(name: string, risingSince: number): Endpoint {
    const endpoint = new Endpoint(name, this.weightOf(name), this.decay)
    endpoint.risingSince = risingSince
    return endpoint
  }

  private join(endpoint: Endpoint): void {
    endpoint.weight = this.weightOf(endpoint.name)
    this.named.set(endpoint.name, endpoint)
    this.all.add(endpoint)
    this.place(endpoint)
  }

  private retire(endpoint: Endpoint): void {
    endpoint.member = false
    this.inFlight -= endpoint.inFlight
    if (endpoint.well) this.wellCount--
    this.named.delete(endpoint.name)
    this.available.remove(endpoint)
  }

  private weigh(): void {
    const weights = Array.from(this.named.values(), ({ weight }) => weight)
    const differ = new Set(weights).size > 1
    this.totalWeight = weights.reduce((sum, weight) => sum + weight, 0)
    this.all.weigh(differ)
    this.available.weigh(differ)
  }

  private weightOf(name: string): number {
    return Object.hasOwn(this.weights, name) ? this.weights[name]! : 1
  }
}

/** Endpoints are not shown: there may be credentials in them. */
function nameProblems(names: unknown): ConfigProblem[] {
  const problem = (received: string, expected: string): ConfigProblem[] => [
    { variable: 'balance.endpoints', received, expected },
  ]
  if (!Array.isArray(names)) return problem(`a value of type ${typeof names}`, 'a list of endpoints')
  if (names.length === 0) return problem('an empty list', 'at least one endpoint')
  const seen = new Set<unknown>()
  for (const [place, name] of names.entries()) {
    if (typeof name !== 'string' || name === '')
      return problem(`no name at place ${place}`, 'names that are not empty')
    if (seen.has(name))
      return problem(
        `the one at place ${place} again`,
        'each endpoint once; give it a weight to send more there',
      )
    seen.add(name)
  }
  return []
}
