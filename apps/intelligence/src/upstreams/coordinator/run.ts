/** One workflow's life: runs its nodes as the graph allows, and knows at any moment how far it is. */
import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { decide, type GraphNode, type NodeStatus } from './graph.ts'
import type { NodeType, Strategy, Trigger } from './schemas.ts'
import { perform } from './work.ts'

export type WorkflowStatus = 'PENDING' | 'RUNNING' | 'PAUSED' | 'COMPLETED' | 'FAILED' | 'CANCELLED'

export interface NodeRun extends GraphNode {
  readonly name: string
  readonly type: NodeType
  readonly parameters: Readonly<Record<string, unknown>>
  readonly timeoutSeconds: number
  /** Further attempts after a failed first. */
  readonly retries: number
  status: NodeStatus
  /** Milliseconds since 1970. */
  startedAt?: number
  endedAt?: number
  error?: string
  retried: number
  output?: unknown
}

/** Milliseconds before a node's further attempts: doubling, at most two seconds. */
function backoff(retried: number): number {
  return Math.min(2000, 50 * 2 ** retried)
}

/** The nodes of a request, with ids for those that came without. */
export function toNodes(request: Trigger): NodeRun[] {
  return request.workflow_nodes.map((node) => ({
    id: (node.node_id ?? randomUUID()).toLowerCase(),
    dependencies: node.dependencies.map((id) => id.toLowerCase()),
    priority: node.priority,
    name: node.node_name,
    type: node.node_type,
    parameters: node.parameters,
    timeoutSeconds: node.timeout_seconds,
    retries: node.retry_count,
    status: 'PENDING',
    retried: 0,
  }))
}

export class WorkflowRun {
  readonly id = randomUUID()
  readonly name: string
  readonly strategy: Strategy
  readonly metadata: Readonly<Record<string, unknown>>
  readonly nodes: readonly NodeRun[]
  readonly createdAt = Date.now()
  status: WorkflowStatus = 'PENDING'
  startedAt: number | undefined
  endedAt: number | undefined
  error: string | undefined
  failedNodeId: string | undefined
  private readonly width: number
  private readonly timeoutSeconds: number
  private readonly controller = new AbortController()
  private timer: NodeJS.Timeout | undefined
  private readonly onEnd: (run: WorkflowRun) => void

  constructor(request: Trigger, nodes: readonly NodeRun[], width: number, onEnd: (run: WorkflowRun) => void) {
    this.name = request.workflow_name
    this.strategy = request.coordination_strategy
    this.metadata = request.metadata
    this.timeoutSeconds = request.timeout_seconds
    this.nodes = nodes
    this.width = width
    this.onEnd = onEnd
  }

  get isOver(): boolean {
    return this.endedAt !== undefined
  }

  start(): void {
    if (this.isOver) return
    this.status = 'RUNNING'
    this.startedAt = Date.now()
    this.timer = setTimeout(() => {
      this.end('FAILED', `not done within timeout_seconds (${this.timeoutSeconds})`)
    }, this.timeoutSeconds * 1000)
    this.advance()
  }

  /** Stops the nodes that run, and starts no more. The caller has checked that the workflow is not over. */
  cancel(): void {
    this.end('CANCELLED', undefined)
  }

  private advance(): void {
    if (this.isOver) return
    const states = new Map(this.nodes.map(({ id, status }) => [id, status]))
    const { start, skip, over } = decide(this.nodes, states, this.strategy, this.width)
    for (const node of this.nodes) {
      if (skip.includes(node.id)) node.status = 'SKIPPED'
      if (start.includes(node.id)) void this.runNode(node).then(() => this.advance())
    }
    if (!over) return
    const failed = this.nodes.find(({ id }) => id === this.failedNodeId)
    if (failed === undefined) this.end('COMPLETED', undefined)
    else this.end('FAILED', `node ${failed.name} failed: ${failed.error}`)
  }

  /** Never rejects: how it went is in the node. */
  private async runNode(node: NodeRun): Promise<void> {
    node.startedAt = Date.now()
    for (;;) {
      node.status = 'RUNNING'
      try {
        const output = await this.attempt(node)
        this.settle(node, 'COMPLETED', { output })
        return
      } catch (error) {
        if (this.isOver) return
        node.error = error instanceof Error ? error.message : String(error)
        if (node.retried >= node.retries) {
          this.failedNodeId ??= node.id
          this.settle(node, 'FAILED', {})
          return
        }
        node.status = 'RETRYING'
        const cancelled = await pause(backoff(node.retried), false, { signal: this.controller.signal }).catch(
          () => true,
        )
        if (cancelled) return
        node.retried++
      }
    }
  }

  private async attempt(node: NodeRun): Promise<unknown> {
    const limit = AbortSignal.timeout(node.timeoutSeconds * 1000)
    const outputs = new Map(this.nodes.map(({ id, output }) => [id, output]))
    const inputs = node.dependencies.map((id) => outputs.get(id))
    const signal = AbortSignal.any([this.controller.signal, limit])
    try {
      return await perform({ type: node.type, parameters: node.parameters, inputs }, signal)
    } catch (error) {
      if (limit.aborted)
        throw new Error(`not done within timeout_seconds (${node.timeoutSeconds})`, { cause: error })
      throw error
    }
  }

  private settle(node: NodeRun, status: NodeStatus, result: { output?: unknown }): void {
    if (this.isOver) return
    node.status = status
    node.endedAt = Date.now()
    if (status === 'COMPLETED') delete node.error
    if ('output' in result) node.output = result.output
  }

  private end(status: WorkflowStatus, error: string | undefined): void {
    clearTimeout(this.timer)
    const unfinished = this.nodes.filter((node) => !['COMPLETED', 'FAILED', 'SKIPPED'].includes(node.status))
    const why = status === 'CANCELLED' ? 'the workflow was cancelled' : 'the workflow ended first'
    this.status = status
    this.error = error
    this.endedAt = Date.now()
    for (const node of unfinished) {
      node.status = 'SKIPPED'
      node.error = why
      if (node.startedAt !== undefined) node.endedAt = this.endedAt
    }
    this.controller.abort(new Error(why))
    this.onEnd(this)
  }
}
