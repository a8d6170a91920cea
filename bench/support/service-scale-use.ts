/** How much of what the slowest upstream can do is done: its own measured capacity, and the rate of indexing against it. */
import { setTimeout as sleep } from 'node:timers/promises'
import { Pool } from 'undici'
import { Program } from './program.ts'
import { House, type HousePlan } from './service-scale-house.ts'
import type { Capacities, UpstreamBooks } from './service-scale-upstreams-program.ts'

export interface UsePlan extends HousePlan {
  /** The upstream's path that is the slowest. */
  readonly path: string
  readonly documents: number
  /** For how long its capacity is measured, in ms. */
  readonly alone: number
}

export interface Use {
  readonly store: 'sqlite' | 'postgres'
  readonly workers: number
  readonly concurrency: number
  readonly path: string
  /** Slots through service time, a second. */
  readonly declared: number
  /** What a client that never pauses got, a second. */
  readonly alone: number
  /** What the service got, a second, while there was work. */
  readonly indexing: number
  /** The last through the one before. */
  readonly share: number
  /** Slots that were taken, on average. */
  readonly slots_busy: number
  readonly documents_per_second: number
  readonly connections: number
  readonly service_cpu_ms: number
  readonly failed: number
}

export async function measureUse(plan: UsePlan, tell: (done: number) => void): Promise<Use> {
  const alone = await aloneWith(plan)
  await using house = await House.open(plan)
  while (house.brought < plan.documents) await house.bring(plan.documents)
  const from = await reached(house, plan.documents * 0.15, tell)
  const to = await reached(house, plan.documents * 0.85, tell)
  const end = await reached(house, plan.documents, tell)
  const { slots, service } = plan.capacities[plan.path]!
  const ms = to.at - from.at
  const busy = (to.books.paths[plan.path]!.busy - from.books.paths[plan.path]!.busy) / ms
  const indexing = (busy / service) * 1_000
  const documents = to.ended - from.ended
  return {
    store: plan.database === undefined ? 'sqlite' : 'postgres',
    ...{ workers: plan.workers, concurrency: plan.concurrency, path: plan.path },
    ...{ declared: (slots / service) * 1_000, alone, indexing, share: indexing / alone },
    slots_busy: busy,
    documents_per_second: (documents / ms) * 1_000,
    connections: end.books.connections,
    service_cpu_ms: (to.cpu_ms - from.cpu_ms) / documents,
    failed: end.failed + end.degraded,
  }
}

interface Moment {
  readonly at: number
  readonly ended: number
  readonly cpu_ms: number
  readonly failed: number
  readonly degraded: number
  readonly books: UpstreamBooks
}

async function reached(house: House, documents: number, tell: (done: number) => void): Promise<Moment> {
  for (;;) {
    const [figures, books] = await Promise.all([house.figures(), house.books()])
    tell(figures.ended)
    if (figures.ended >= documents) return { ...figures, books }
    await sleep(100)
  }
}

/** Three requests for each slot, at all times, from a client that does nothing else. */
async function aloneWith({ capacities, path, alone }: UsePlan): Promise<number> {
  await using upstreams = await Program.start('service-scale-upstreams-program.ts', capacities)
  const callers = 3 * capacities[path]!.slots
  const pool = new Pool(String(upstreams.ready), { connections: callers })
  const end = performance.now() + alone + 500
  const body = JSON.stringify({ prompt: 'a prompt of few words', input: ['a text'], content: 'a text' })
  const headers = { 'content-type': 'application/json' }
  const calling = Array.from({ length: callers }, async () => {
    while (performance.now() < end) {
      const response = await pool.request({ path, method: 'POST', headers, body })
      await response.body.dump()
    }
  })
  await sleep(500)
  const [before, began] = [await busyAt(upstreams, path), performance.now()]
  await sleep(alone)
  const busy = ((await busyAt(upstreams, path)) - before) / (performance.now() - began)
  await Promise.all(calling)
  await pool.close()
  return (busy / capacities[path]!.service) * 1_000
}

/** Work and not answers are counted: of a few slots, answers come in bunches. */
async function busyAt(upstreams: Program, path: string): Promise<number> {
  return (await upstreams.ask<UpstreamBooks>(null)).paths[path]!.busy
}

/** Everything else is quick. */
export function slowAt(path: string, slots: number, service: number): Capacities {
  const others = [
    '/api/embed',
    '/api/generate',
    '/analyze/semantic',
    '/database/execute',
    '/api/workflows/trigger',
  ]
  const quick = Object.fromEntries(others.map((other) => [other, { slots: 64, service: 5 }]))
  return { ...quick, [path]: { slots, service } }
}
