/** A workflow as the coordinator's clients read it. Pure. */
import type { NodeRun, WorkflowRun } from './run.ts'

export function summary(run: WorkflowRun): Record<string, unknown> {
  const completed = run.nodes.filter(({ status }) => status === 'COMPLETED').length
  return {
    workflow_id: run.id,
    workflow_name: run.name,
    status: run.status,
    created_at: iso(run.createdAt),
    started_at: iso(run.startedAt),
    progress_percentage: Math.round((completed / run.nodes.length) * 10_000) / 100,
    total_nodes: run.nodes.length,
    completed_nodes: completed,
  }
}

/** `now` is in milliseconds since 1970: a running workflow's duration lasts until then. */
export function status(run: WorkflowRun, now: number): Record<string, unknown> {
  return {
    ...summary(run),
    coordination_strategy: run.strategy,
    completed_at: iso(run.endedAt),
    duration_seconds: duration(run.startedAt, run.endedAt ?? now),
    failed_nodes: run.nodes.filter((node) => node.status === 'FAILED').length,
    nodes: run.nodes.map((node) => nodeStatus(node, now)),
    error_message: run.error ?? null,
    failed_node_id: run.failedNodeId ?? null,
    metadata: run.metadata,
  }
}

function nodeStatus(node: NodeRun, now: number): Record<string, unknown> {
  return {
    node_id: node.id,
    node_name: node.name,
    node_type: node.type,
    status: node.status,
    start_time: iso(node.startedAt),
    end_time: iso(node.endedAt),
    duration_seconds: duration(node.startedAt, node.endedAt ?? now),
    error_message: node.error ?? null,
    retry_count: node.retried,
    output: node.output ?? null,
  }
}

export function iso(at: number | undefined): string | null {
  return at === undefined ? null : new Date(at).toISOString()
}

function duration(from: number | undefined, to: number): number | null {
  return from === undefined ? null : (to - from) / 1000
}
