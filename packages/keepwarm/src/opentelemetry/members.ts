/** Which of the process's clients and pools are looked at: events come from all of them. */
import { idOf } from '../observe/identity.ts'
import type { ObservableClient, ObservedClients } from '../observe/observe.ts'
import type { CallEnd, CallStart } from '../observe/events.ts'

export class Members {
  private readonly clients: ObservedClients
  private pools = new Map<string, number>()
  /** Calls under way that are health checks: they are no part of the traffic. */
  private readonly checks = new Set<number>()

  constructor(clients: ObservedClients) {
    this.clients = clients
    this.look()
  }

  /** By the name that events carry. */
  has(client: string): boolean {
    if (this.pools.has(client)) return true
    if (typeof this.clients === 'function') this.look()
    return this.pools.has(client)
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
    for (const own of this.pools.values()) if (own === pool) return true
    return false
  }

  poolOf(client: string): number | undefined {
    return this.pools.get(client)
  }

  private look(): void {
    this.pools = new Map(listOf(this.clients).map((client) => [client.snapshot().name, idOf(client.pool)]))
  }
}

export function listOf(clients: ObservedClients): ObservableClient[] {
  const all = typeof clients === 'function' ? clients() : 'snapshot' in clients ? [clients] : clients
  if (Symbol.iterator in all) return [...(all as Iterable<ObservableClient>)]
  return Object.values<ObservableClient>(all as Record<string, ObservableClient>)
}
