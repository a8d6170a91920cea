/** Which of the process's clients and pools are looked at: events come from all of them. */
import { idOf } from '../observe/identity.ts'
import { lister, type Listed, type ObservedClients } from '../observe/observed-list.ts'
import type { CallEnd, CallStart } from '../observe/events.ts'

export class Members {
  private readonly list: () => Listed
  private readonly mayGrow: boolean
  /** By the names of the clients that use them. */
  private byClient = new Map<string, number>()
  private pools: ReadonlySet<number> = new Set()
  /** Calls under way that are health checks: they are no part of the traffic. */
  private readonly checks = new Set<number>()

  constructor(clients: ObservedClients) {
    this.list = lister(clients, () => true) // one that closes still ends its calls
    this.mayGrow = typeof clients === 'function'
    this.look()
  }

  /** By the name that events carry. */
  has(client: string): boolean {
    if (this.byClient.has(client)) return true
    if (this.mayGrow) this.look()
    return this.byClient.has(client)
  }

  /** Whether a call is looked at, and its attempts with it. */
  began({ call, client, isCheck }: CallStart): boolean {
    if (isCheck) this.checks.add(call)
    return !isCheck && this.has(client)
  }

  ended({ call, client, isCheck }: CallEnd): boolean {
    this.checks.delete(call)
    return !isCheck && this.has(client)
  }

  follows({ call, client }: { readonly call: number; readonly client: string }): boolean {
    return !this.checks.has(call) && this.has(client)
  }

  hasPool(pool: number): boolean {
    if (!this.pools.has(pool) && this.mayGrow) this.look()
    return this.pools.has(pool)
  }

  poolOf(client: string): number | undefined {
    return this.byClient.get(client)
  }

  private look(): void {
    const { clients, pools } = this.list()
    this.byClient = new Map(clients.map((client) => [client.snapshot().name, idOf(client.pool)]))
    this.pools = new Set(pools.map(idOf))
  }
}
