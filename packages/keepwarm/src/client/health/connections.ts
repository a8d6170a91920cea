/** Connections that shall be there before anybody asks for them. What fails is kept, and thrown at nobody. */
import type { ConnectionPool } from '../../pool/pool.ts'
import type { Runtime } from '../../runtime.ts'

/** Why the connections of an endpoint did not come about. */
export interface WarmUpFailure {
  readonly message: string
  readonly at: number
}

export class ReadyConnections {
  private readonly pool: ConnectionPool
  private readonly runtime: Runtime
  private readonly endpoints: readonly string[]
  private readonly minimum: number
  private readonly failures = new Map<string, WarmUpFailure>()
  private stopped = false

  constructor(
    pool: ConnectionPool,
    runtime: Runtime,
    endpoints: readonly string[],
    { warmUp = 0, minConnections = 0 }: { readonly warmUp?: number; readonly minConnections?: number },
  ) {
    this.pool = pool
    this.runtime = runtime
    this.endpoints = endpoints
    this.minimum = minConnections
    for (const origin of endpoints) {
      if (minConnections > 0) this.maintain(origin)
      if (warmUp > 0) void this.warm(origin, warmUp)
    }
  }

  /** Why there was no connection at the beginning, until there is one. */
  failure(origin: string): WarmUpFailure | undefined {
    return this.failures.get(origin)
  }

  /** A pool that is shared goes on, and need not keep any connections for this client. */
  stop(): void {
    this.stopped = true
    this.pool.off('connect', this.connected)
    if (this.minimum === 0 || this.pool.closed) return
    for (const origin of this.endpoints) this.pool.maintain(origin, 0)
  }

  /** The pool itself tries again what fails. */
  private maintain(origin: string): void {
    try {
      this.pool.maintain(origin, this.minimum)
    } catch (error) {
      this.failed(origin, error)
    }
  }

  private async warm(origin: string, count: number): Promise<void> {
    try {
      await this.pool.warm(origin, count)
    } catch (error) {
      if (!this.stopped) this.failed(origin, error)
    }
  }

  private failed(origin: string, error: unknown): void {
    const message = error instanceof Error ? error.message : String(error)
    if (this.failures.size === 0) this.pool.on('connect', this.connected)
    this.failures.set(origin, { message, at: this.runtime.now() })
  }

  /** Whoever dialed it: there is a way again. */
  private readonly connected = ({ origin }: URL): void => {
    this.failures.delete(origin)
    if (this.failures.size === 0) this.pool.off('connect', this.connected)
  }
}
