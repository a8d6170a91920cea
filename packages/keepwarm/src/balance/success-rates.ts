import type { Ejectable } from './ejection.ts'

/** The endpoints that had enough requests in an interval to compare their success rates. */
export class SuccessRates<E extends Ejectable> {
  private readonly endpoints: E[] = []

  get count(): number {
    return this.endpoints.length
  }

  add(endpoint: E): void {
    this.endpoints.push(endpoint)
  }

  remove(endpoint: E): void {
    const index = this.endpoints.indexOf(endpoint)
    if (index >= 0) this.endpoints.splice(index, 1)
  }

  clear(): void {
    this.endpoints.length = 0
  }

  average(): number {
    let sum = 0
    for (const endpoint of this.endpoints) sum += successRate(endpoint)
    return sum / this.endpoints.length
  }

  /** The standard deviation from the average. */
  deviation(average: number): number {
    let sum = 0
    for (const endpoint of this.endpoints) sum += (successRate(endpoint) - average) ** 2
    return Math.sqrt(sum / this.endpoints.length)
  }

  /** The one with the lowest rate below the limit that is not ejected yet. */
  worstBelow(limit: number): E | undefined {
    let worst: E | undefined
    let lowest = limit
    for (const endpoint of this.endpoints) {
      if (endpoint.outlier.ejected || successRate(endpoint) >= lowest) continue
      worst = endpoint
      lowest = successRate(endpoint)
    }
    return worst
  }
}

export function successRate({ outlier }: Ejectable): number {
  return outlier.successes / outlier.requests
}
