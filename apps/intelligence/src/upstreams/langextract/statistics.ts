/** What the server has done since it started; every number is counted where the work happens. */

interface Counter {
  requests: number
  failures: number
  milliseconds: number
}

const endpoints = ['extract_document', 'extract_batch', 'analyze_semantic'] as const
export type Endpoint = (typeof endpoints)[number]

export class Statistics {
  private readonly started = performance.now()
  private readonly counters = new Map<Endpoint, Counter>(
    endpoints.map((name) => [name, { requests: 0, failures: 0, milliseconds: 0 }]),
  )
  private documents = 0
  private entities = 0
  private relationships = 0

  get uptimeSeconds(): number {
    return Math.round(performance.now() - this.started) / 1000
  }

  /** Runs the work of one request and counts it, whether it ends well or not. */
  async count<Result>(endpoint: Endpoint, work: () => Promise<Result>): Promise<Result> {
    const counter = this.counters.get(endpoint)!
    const started = performance.now()
    counter.requests++
    try {
      return await work()
    } catch (error) {
      counter.failures++
      throw error
    } finally {
      counter.milliseconds += performance.now() - started
    }
  }

  documentDone(entities: number, relationships: number): void {
    this.documents++
    this.entities += entities
    this.relationships += relationships
  }

  snapshot(): Record<string, unknown> {
    const counters = [...this.counters]
    const total = (key: keyof Counter): number => counters.reduce((sum, [, counter]) => sum + counter[key], 0)
    const requests = total('requests')
    return {
      uptime_seconds: this.uptimeSeconds,
      total_requests: requests,
      failed_requests: total('failures'),
      average_processing_time_ms:
        requests === 0 ? 0 : Math.round((total('milliseconds') / requests) * 1000) / 1000,
      documents_extracted: this.documents,
      entities_extracted: this.entities,
      relationships_extracted: this.relationships,
      endpoints: Object.fromEntries(
        counters.map(([name, { requests: count, failures }]) => [name, { requests: count, failures }]),
      ),
    }
  }
}
