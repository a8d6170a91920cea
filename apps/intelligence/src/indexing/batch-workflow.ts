/** A batch is recorded at the workflow coordinator, once, as a workflow whose nodes are the pipeline's stages. */
import { createHash } from 'node:crypto'
import type { CallLimits, Workflow, WorkflowCoordinatorClient, WorkflowNode } from '../clients/index.ts'
import type { Batch } from './draft.ts'
import { stageNames, type StageName } from './findings.ts'

/** Batches that are remembered; a service runs for months, and documents of older ones only ask once more. */
const REMEMBERED = 1_000

export class BatchWorkflows {
  private readonly coordinator: Pick<WorkflowCoordinatorClient, 'trigger'>
  private readonly started = new Map<string, Promise<string>>()

  constructor(coordinator: Pick<WorkflowCoordinatorClient, 'trigger'>) {
    this.coordinator = coordinator
  }

  /**
   * The id of the batch's workflow, which the first document of the batch starts. Everything that is sent follows from
   * the batch alone, so that the coordinator knows it again after a restart. A failure is not remembered.
   */
  async idOf(batch: Batch, limits: CallLimits): Promise<string> {
    const known = this.started.get(batch.id)
    if (known !== undefined) return known
    const starting = this.start(batch, limits)
    this.started.set(batch.id, starting)
    const [oldest] = this.started.keys()
    if (this.started.size > REMEMBERED && oldest !== undefined) this.started.delete(oldest)
    try {
      return await starting
    } catch (error) {
      this.started.delete(batch.id)
      throw error
    }
  }

  private async start(batch: Batch, { timeout }: CallLimits): Promise<string> {
    // One document's cancellation is not that of the batch, so its signal stays out.
    const options = { idempotencyKey: `index-${batch.id}`, ...(timeout === undefined ? {} : { timeout }) }
    return (await this.coordinator.trigger(batchWorkflow(batch), options)).workflowId
  }
}

const sideBySide: readonly StageName[] = ['embed', 'entities', 'semantic', 'freshness']

/** The stages as they depend on each other. The work is done here, so that each node only marks a point. */
export function batchWorkflow(batch: Batch): Workflow {
  const idOf = (stage: StageName): string => uuidFrom(`${batch.id} ${stage}`)
  const before = (stage: StageName): readonly StageName[] => {
    if (stage === 'deliver') return sideBySide
    return stage === 'chunk' ? [] : ['chunk']
  }
  const nodes = stageNames
    .filter((stage) => stage !== 'workflow')
    .map((stage): WorkflowNode => {
      const dependencies = before(stage).map(idOf)
      return { nodeId: idOf(stage), nodeName: stage, nodeType: 'ORCHESTRATOR', dependencies }
    })
  return {
    workflowName: 'index_documents',
    coordinationStrategy: 'DAG',
    workflowNodes: nodes,
    metadata: { batch_id: batch.id, batch_name: batch.name },
  }
}

/** A UUID of version 8: made from a digest. */
function uuidFrom(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}
