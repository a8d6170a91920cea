/**
 * A stand-in for the original system's Workflow Coordinator: it runs the nodes of a workflow in the order that its
 * strategy and dependencies ask for. State lives in memory and ends with the server; `enable_checkpointing` is
 * accepted and changes nothing.
 *
 * A trigger with an `Idempotency-Key` that was seen before starts nothing and gets the first answer again, so that a
 * client may repeat it when the answer was lost on the way.
 */
import { createHash } from 'node:crypto'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { findGraphProblems } from './coordinator/graph.ts'
import { iso, status, summary } from './coordinator/report.ts'
import { toNodes, WorkflowRun } from './coordinator/run.ts'
import { trigger as triggerSchema, type Trigger } from './coordinator/schemas.ts'
import { WorkflowStore } from './coordinator/store.ts'
import { accept, fastApiDetail, Refusal, type Problem } from './refusal.ts'
import { serve, type Upstream, type UpstreamOptions } from './upstream.ts'

export interface CoordinatorOptions extends UpstreamOptions {
  /** Workflows that may run at once; more are answered with 429. Default 256. */
  readonly maxActive?: number
  /** Nodes of one workflow that may run at once. Default 16. */
  readonly maxParallelNodes?: number
  /** Finished workflows that are remembered, with their keys. Default 1000. */
  readonly keepFinished?: number
}

/**
 * @example
 * const coordinator = await startCoordinator()
 * const workflow_nodes = [{ node_name: 'think', node_type: 'COMPUTE', parameters: { duration_ms: 20 } }]
 * const body = JSON.stringify({ workflow_name: 'demo', workflow_nodes })
 * await fetch(`${coordinator.url}/api/workflows/trigger`, { method: 'POST', body, headers: { 'idempotency-key': 'a1' } })
 */
export function startCoordinator(options: CoordinatorOptions = {}): Promise<Upstream> {
  const coordinator = new Coordinator(options)
  return serve({
    name: 'coordinator',
    options,
    errorBody: (_status, message) => ({ detail: message }),
    routes: (app) => routes(app, coordinator),
    stop: () => coordinator.cancelAll(),
  })
}

function routes(app: FastifyInstance, coordinator: Coordinator): void {
  const started = performance.now()
  app.get('/health', () => ({
    status: 'healthy',
    active_workflows: coordinator.active().total_count,
    uptime_seconds: Math.round(performance.now() - started) / 1000,
  }))
  app.post('/api/workflows/trigger', (request, reply) => coordinator.trigger(request, reply))
  app.get('/api/workflows/active', () => coordinator.active())
  app.get<{ Params: { id: string } }>('/api/workflows/:id/status', ({ params }) =>
    status(coordinator.find(params.id), Date.now()),
  )
  app.post<{ Params: { id: string } }>('/api/workflows/:id/cancel', ({ params }) =>
    coordinator.cancel(params.id),
  )
}

class Coordinator {
  private readonly store: WorkflowStore
  private readonly maxActive: number
  private readonly width: number

  constructor(options: CoordinatorOptions) {
    this.store = new WorkflowStore(options.keepFinished ?? 1000)
    this.maxActive = options.maxActive ?? 256
    this.width = options.maxParallelNodes ?? 16
  }

  /** Does everything up to the answer in one go, so that two requests with one key cannot both start. */
  trigger(request: FastifyRequest, reply: FastifyReply): unknown {
    const key = idempotencyKey(request)
    const body = accept(triggerSchema, request.body, invalid)
    const fingerprint = createHash('sha256').update(JSON.stringify(body)).digest('hex')
    const known = key === undefined ? undefined : this.store.answered(key)
    if (known === undefined) return this.begin(body, key, fingerprint)
    if (known.fingerprint !== fingerprint) {
      const message = `this key belongs to another request, workflow ${known.workflowId}`
      throw invalid([{ path: ['Idempotency-Key'], message }])
    }
    reply.header('idempotent-replayed', 'true')
    return known.answer
  }

  private begin(body: Trigger, key: string | undefined, fingerprint: string): unknown {
    const nodes = toNodes(body)
    const problems = findGraphProblems(nodes, body.coordination_strategy)
    if (problems.length > 0) throw invalid(problems)
    if (this.store.active.length >= this.maxActive) {
      const detail = `${this.maxActive} workflows are running, the most this server runs at once`
      throw new Refusal(429, { detail }, { 'retry-after': '1' })
    }
    const run = new WorkflowRun(body, nodes, this.width, (ended) => this.store.ended(ended))
    const answer = {
      success: true,
      workflow_id: run.id,
      workflow_name: run.name,
      status: run.status,
      message: `accepted with ${nodes.length} ${nodes.length === 1 ? 'node' : 'nodes'}`,
      created_at: iso(run.createdAt),
    }
    this.store.add(run, key, { fingerprint, answer })
    setImmediate(() => run.start())
    return answer
  }

  find(id: string): WorkflowRun {
    const run = this.store.find(id)
    if (run !== undefined) return run
    throw new Refusal(404, { workflow_id: id, message: `no workflow ${id}: unknown, or finished long ago` })
  }

  active(): { workflows: Record<string, unknown>[]; total_count: number } {
    const workflows = this.store.active.map(summary)
    return { workflows, total_count: workflows.length }
  }

  cancel(id: string): unknown {
    const run = this.find(id)
    const previous = run.status
    if (run.isOver) {
      throw new Refusal(409, { workflow_id: run.id, message: `workflow ${run.id} is already ${previous}` })
    }
    run.cancel()
    return {
      success: true,
      workflow_id: run.id,
      previous_status: previous,
      message: `cancelled while ${previous}`,
      cancelled_at: iso(run.endedAt),
    }
  }

  cancelAll(): void {
    for (const run of this.store.active) run.cancel()
  }
}

function idempotencyKey(request: FastifyRequest): string | undefined {
  const header = request.headers['idempotency-key']
  const key = Array.isArray(header) ? header.join(',') : header
  if (key === undefined || key === '') return undefined
  if (key.length <= 255) return key
  throw invalid([
    { path: ['Idempotency-Key'], message: `must have at most 255 characters, has ${key.length}` },
  ])
}

function invalid(problems: readonly Problem[]): Refusal {
  return new Refusal(422, fastApiDetail(problems))
}
