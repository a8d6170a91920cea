/** What the coordinator takes, with the original's fields and defaults. */
import { z } from 'zod'
import { nodeParameters } from './work.ts'

/** Milliseconds a timer can count: about 24 days, which is also more than any workflow here should take. */
const seconds = z.number().positive().max(2_000_000)

const node = z.object({
  node_id: z.guid().optional(),
  node_name: z.string().min(1, 'must not be empty'),
  node_type: z.enum(['EFFECT', 'COMPUTE', 'REDUCER', 'ORCHESTRATOR']),
  dependencies: z.array(z.guid()).default([]),
  priority: z.number().int().min(0).max(1000).default(100),
  timeout_seconds: seconds.default(300),
  retry_count: z.number().int().min(0).max(100).default(0),
  parameters: z.record(z.string(), z.unknown()).default({}),
})

export const trigger = z
  .object({
    workflow_name: z.string().min(1, 'must not be empty'),
    coordination_strategy: z.enum(['SEQUENTIAL', 'PARALLEL', 'DAG', 'PRIORITY', 'ADAPTIVE']).default('DAG'),
    workflow_nodes: z.array(node).min(1, 'a workflow needs at least one node').max(1000),
    workflow_parameters: z.record(z.string(), z.unknown()).default({}),
    timeout_seconds: seconds.default(3600),
    enable_checkpointing: z.boolean().default(true),
    metadata: z.record(z.string(), z.unknown()).default({}),
  })
  .superRefine(({ workflow_nodes }, context) => {
    workflow_nodes.forEach(({ node_type, parameters }, index) => {
      const checked = nodeParameters[node_type].safeParse(parameters)
      for (const { path, message } of checked.error?.issues ?? []) {
        context.addIssue({ code: 'custom', path: ['workflow_nodes', index, 'parameters', ...path], message })
      }
    })
  })

export type Trigger = z.output<typeof trigger>
export type NodeType = Trigger['workflow_nodes'][number]['node_type']
export type Strategy = Trigger['coordination_strategy']
