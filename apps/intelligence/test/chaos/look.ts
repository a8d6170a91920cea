/** What the service says of itself at one moment: its health, its clients, and what its diagnosis finds. */
import type { Verdict } from 'keepwarm'
import { clientOf } from './house.ts'

export interface ClientFigures {
  /** Calls that were made, without those that the breaker refused. */
  readonly calls: number
  readonly attempts: number
  readonly refused: number
  readonly breaker: string
}

export interface Look {
  /** Milliseconds since 1970. */
  readonly at: number
  readonly status: string
  /** Upstreams that are named as not well. */
  readonly degraded: readonly string[]
  readonly ready: boolean
  readonly reasons: readonly string[]
  readonly clients: Readonly<Record<string, ClientFigures>>
  /** From `warn` on. */
  readonly verdicts: readonly Verdict[]
  /** Documents by the state of their jobs, and those that lack something. */
  readonly documents: Readonly<Record<string, number>>
}

interface ShownClient {
  readonly name: string
  readonly metrics: {
    readonly total_requests: number
    readonly total_attempts: number
    readonly circuit_breaker_rejections: number
    readonly circuit_breaker_state: string
  }
}

interface ShownHealth {
  readonly status: string
  readonly degraded: readonly string[]
  readonly documents: Readonly<Record<string, number>>
}

/** @throws when nobody listens there */
export async function look(url: string): Promise<Look> {
  const ask = async <Body>(path: string): Promise<Body> => (await (await fetch(url + path)).json()) as Body
  const [health, ready, shown, verdicts] = await Promise.all([
    ask<ShownHealth>('/health'),
    ask<{ ready: boolean; reasons: readonly string[] }>('/health/ready'),
    ask<{ clients: readonly ShownClient[] }>('/clients'),
    ask<readonly Verdict[]>('/diagnose'),
  ])
  return {
    at: Date.now(),
    status: health.status,
    degraded: health.degraded,
    ready: ready.ready,
    reasons: ready.reasons,
    clients: Object.fromEntries(shown.clients.map(({ name, metrics }) => [name, figuresOf(metrics)])),
    verdicts: verdicts.filter(({ level }) => level === 'warn' || level === 'critical'),
    documents: health.documents,
  }
}

function figuresOf(metrics: ShownClient['metrics']): ClientFigures {
  const refused = metrics.circuit_breaker_rejections
  return {
    calls: metrics.total_requests - refused,
    attempts: metrics.total_attempts,
    refused,
    breaker: metrics.circuit_breaker_state,
  }
}

/** Nothing is named, no breaker holds anything back. */
export function isWell({ status, clients }: Look): boolean {
  const breakers = Object.values(clientOf).map((name) => clients[name]?.breaker ?? 'closed')
  return status === 'healthy' && breakers.every((state) => state === 'closed')
}

/** Documents that are accepted and not yet indexed with all their parts. */
export function openDocuments({ documents }: Look): number {
  const { pending = 0, running = 0, failed = 0, degraded = 0 } = documents
  return pending + running + failed + degraded
}
