/** The workflow coordinator's contract: what is sent, and what its answers must be. */
import { z } from 'zod'
import { camelKeys, snakeKeys } from '../camel.ts'

export type CoordinationStrategy = 'SEQUENTIAL' | 'PARALLEL' | 'DAG' | 'PRIORITY' | 'ADAPTIVE'
export type NodeType = 'EFFECT' | 'COMPUTE' | 'REDUCER' | 'ORCHESTRATOR'

export interface WorkflowNode {
  /** A UUID, by which other nodes name it in their `dependencies`. Default: the coordinator makes one. */
  readonly nodeId?: string
  readonly nodeName: string
  readonly nodeType: NodeType
  /** Ids of the nodes that must be completed first. */
  readonly dependencies?: readonly string[]
  /** 0 to 1000; counts with the strategy PRIORITY. Default 100. */
  readonly priority?: number
  /** Default 300. */
  readonly timeoutSeconds?: number
  /** Further attempts after a failed first. Default 0. */
  readonly retryCount?: number
  readonly parameters?: Readonly<Record<string, unknown>>
}

export interface Workflow {
  readonly workflowName: string
  /** Default DAG. */
  readonly coordinationStrategy?: CoordinationStrategy
  readonly workflowNodes: readonly WorkflowNode[]
  readonly workflowParameters?: Readonly<Record<string, unknown>>
  /** Default 3600. */
  readonly timeoutSeconds?: number
  readonly enableCheckpointing?: boolean
  readonly metadata?: Readonly<Record<string, unknown>>
}

/** The request's body. What the caller leaves out is left to the coordinator's defaults. */
export function toWire(workflow: Workflow): Record<string, unknown> {
  return { ...snakeKeys(workflow), workflow_nodes: workflow.workflowNodes.map(snakeKeys) }
}

const workflowState = z.enum(['PENDING', 'RUNNING', 'PAUSED', 'COMPLETED', 'FAILED', 'CANCELLED'])
export type WorkflowState = z.output<typeof workflowState>

/** Absent or null: both mean that there is none. */
const optional = <Schema extends z.ZodType>(schema: Schema) =>
  schema.nullish().transform((value) => value ?? null)

export const triggered = z
  .object({
    success: z.literal(true),
    workflow_id: z.string().min(1),
    workflow_name: z.string(),
    status: workflowState,
    message: optional(z.string()),
    created_at: z.string(),
  })
  .transform(camelKeys)
export type TriggeredWorkflow = z.output<typeof triggered>

const summaryFields = {
  workflow_id: z.string().min(1),
  workflow_name: z.string(),
  status: workflowState,
  created_at: z.string(),
  started_at: optional(z.string()),
  progress_percentage: z.number().min(0).max(100),
  total_nodes: z.number().int(),
  completed_nodes: z.number().int(),
}

const nodeStatus = z
  .object({
    node_id: z.string(),
    node_name: z.string(),
    node_type: z.string(),
    status: z.enum(['PENDING', 'ASSIGNED', 'RUNNING', 'COMPLETED', 'FAILED', 'SKIPPED', 'RETRYING']),
    start_time: optional(z.string()),
    end_time: optional(z.string()),
    duration_seconds: optional(z.number()),
    error_message: optional(z.string()),
    retry_count: z.number().int(),
    output: z.unknown(),
  })
  .transform(camelKeys)

export const workflowStatus = z
  .object({
    ...summaryFields,
    coordination_strategy: z.string(),
    completed_at: optional(z.string()),
    duration_seconds: optional(z.number()),
    failed_nodes: z.number().int(),
    nodes: z.array(nodeStatus),
    error_message: optional(z.string()),
    failed_node_id: optional(z.string()),
    metadata: z.record(z.string(), z.unknown()).default({}),
  })
  .transform(camelKeys)
/** Times are ISO 8601. */
export type WorkflowStatus = z.output<typeof workflowStatus>

const summary = z.object(summaryFields).transform(camelKeys)
export type WorkflowSummary = z.output<typeof summary>
export const activeWorkflows = z
  .object({ workflows: z.array(summary), total_count: z.number().int() })
  .transform(camelKeys)
export type ActiveWorkflows = z.output<typeof activeWorkflows>

export const cancelled = z
  .object({
    success: z.literal(true),
    workflow_id: z.string(),
    previous_status: workflowState,
    message: optional(z.string()),
    cancelled_at: optional(z.string()),
  })
  .transform(camelKeys)
export type CancelledWorkflow = z.output<typeof cancelled>
