/** A client of the workflow coordinator: starts workflows, watches and cancels them. */
import { randomUUID } from 'node:crypto'
import { poll } from './poll.ts'
import {
  limitsOf,
  ServiceClient,
  type CallLimits,
  type ServiceClientOptions,
  type ServiceMetrics,
  type ServiceTraits,
} from './service-client.ts'
import type { ServiceError } from './service-error.ts'
import {
  WorkflowFailedError,
  WorkflowRateLimitError,
  WorkflowServerError,
  WorkflowTimeoutError,
  WorkflowUnavailableError,
  WorkflowWaitTimeoutError,
  workflowErrors,
} from './workflow-coordinator/errors.ts'
import {
  activeWorkflows,
  cancelled,
  toWire,
  triggered,
  workflowStatus,
  type ActiveWorkflows,
  type CancelledWorkflow,
  type TriggeredWorkflow,
  type Workflow,
  type WorkflowStatus,
} from './workflow-coordinator/wire.ts'

/** Milliseconds for a call that only looks. */
const QUERY_TIMEOUT = 5_000

export interface TriggerOptions extends CallLimits {
  /**
   * By this the coordinator knows the request again, so that a repeated one starts no second workflow. Give one to be
   * safe across restarts of this process too. Default: a random UUID for each call.
   */
  readonly idempotencyKey?: string
}

export interface WaitOptions {
  /** Milliseconds. Default 10 min. */
  readonly timeout?: number
  /** Milliseconds before the second look; from then on half as long again each time. Default 500. */
  readonly interval?: number
  /** The longest pause between two looks, in ms. Default 5 s. */
  readonly maxInterval?: number
  readonly signal?: AbortSignal | undefined
  /** Whether a failed workflow rejects with WorkflowFailedError. Default true. */
  readonly throwOnFailure?: boolean
}

export interface WorkflowMetrics extends ServiceMetrics {
  readonly workflows_triggered: number
  /** Seen to end by `waitForCompletion`. */
  readonly workflows_completed: number
  /** Seen to fail by `waitForCompletion`. */
  readonly workflows_failed: number
  /** Cancelled by this client. */
  readonly workflows_cancelled: number
}

const traits: ServiceTraits = {
  name: 'workflow-coordinator',
  defaults: {
    baseUrl: 'http://omninode-bridge-workflow-coordinator:8006',
    maxConnections: 20,
    maxIdleConnections: 5,
    timeout: 30_000,
  },
  groups: {
    trigger: { paths: ['/api/workflows/trigger'], share: 0.4 },
    follow: { paths: ['/api/workflows/*'], share: 0.5 },
  },
  errors: workflowErrors,
}

/**
 * 20 connections, 5 of them kept idle; 30 s to trigger and cancel, 5 s to look. Rejects with a
 * {@link WorkflowCoordinatorError} of the class that says what is the matter.
 *
 * @example
 * await using coordinator = new WorkflowCoordinatorClient({ baseUrl: 'http://coordinator:8006' })
 * const nodes = [{ nodeName: 'rest', nodeType: 'COMPUTE', parameters: { duration_ms: 20 } }] as const
 * const { workflowId } = await coordinator.trigger({ workflowName: 'nap', workflowNodes: nodes })
 * const { durationSeconds } = await coordinator.waitForCompletion(workflowId)
 */
export class WorkflowCoordinatorClient extends ServiceClient {
  private counts = { triggered: 0, completed: 0, failed: 0, cancelled: 0 }

  constructor(options: ServiceClientOptions = {}) {
    super(traits, options)
  }

  /** Starts a workflow. Sent again when its answer is lost: the key tells the coordinator that it is the same one. */
  trigger(workflow: Workflow, options?: TriggerOptions): Promise<TriggeredWorkflow> {
    return this.ask(async () => {
      const headers = { 'Idempotency-Key': options?.idempotencyKey ?? randomUUID() }
      const call = { json: toWire(workflow), headers, ...limitsOf(options) }
      const answer = await this.http.post('/api/workflows/trigger', call).json(triggered)
      this.counts.triggered++
      return answer
    })
  }

  /** How a workflow stands, with its nodes. Rejects with WorkflowNotFoundError when there is none. */
  status(id: string, limits?: CallLimits): Promise<WorkflowStatus> {
    return this.ask(() =>
      this.http.get(pathOf(id, 'status'), limitsOf(limits, QUERY_TIMEOUT)).json(workflowStatus),
    )
  }

  /** The workflows that have not ended. */
  active(limits?: CallLimits): Promise<ActiveWorkflows> {
    return this.ask(() =>
      this.http.get('/api/workflows/active', limitsOf(limits, QUERY_TIMEOUT)).json(activeWorkflows),
    )
  }

  /**
   * Cancels a workflow. Not sent again when the answer is lost, because the second answer would be a 409 that means
   * success: ask for the status then. Rejects with WorkflowAlreadyCompletedError when it has ended.
   */
  cancel(id: string, limits?: CallLimits): Promise<CancelledWorkflow> {
    return this.ask(async () => {
      const answer = await this.http.post(pathOf(id, 'cancel'), limitsOf(limits)).json(cancelled)
      this.counts.cancelled++
      return answer
    })
  }

  /**
   * Looks again and again, with growing pauses, until the workflow has ended: resolves when it is completed or
   * cancelled, rejects with WorkflowFailedError when it failed and WorkflowWaitTimeoutError when the time is up. A
   * coordinator that cannot be reached for a while does not end the waiting.
   */
  async waitForCompletion(id: string, options: WaitOptions = {}): Promise<WorkflowStatus> {
    const { timeout = 600_000, interval = 500, maxInterval = 5_000, signal, throwOnFailure = true } = options
    let trouble: ServiceError | undefined
    let seen: WorkflowStatus | undefined
    const look = async (signal: AbortSignal): Promise<WorkflowStatus | undefined> => {
      try {
        seen = await this.status(id, { signal })
        trouble = undefined
        return seen
      } catch (error) {
        if (!mayPass(error)) throw error
        trouble = error
        return undefined
      }
    }
    const ended = await poll(
      look,
      hasEnded,
      { timeout, interval, maxInterval, signal },
      () => trouble?.retryAfter ?? 0,
    )
    if (!ended.done || ended.last === undefined) {
      throw new WorkflowWaitTimeoutError(this.name, id, timeout, seen, trouble)
    }
    return this.judge(ended.last, throwOnFailure)
  }

  override getMetrics(): WorkflowMetrics {
    const { triggered, completed, failed, cancelled } = this.counts
    return {
      ...super.getMetrics(),
      workflows_triggered: triggered,
      workflows_completed: completed,
      workflows_failed: failed,
      workflows_cancelled: cancelled,
    }
  }

  override resetMetrics(): void {
    super.resetMetrics()
    this.counts = { triggered: 0, completed: 0, failed: 0, cancelled: 0 }
  }

  private judge(workflow: WorkflowStatus, throwOnFailure: boolean): WorkflowStatus {
    if (workflow.status === 'COMPLETED') this.counts.completed++
    if (workflow.status !== 'FAILED') return workflow
    this.counts.failed++
    if (throwOnFailure) throw new WorkflowFailedError(this.name, workflow)
    return workflow
  }
}

function pathOf(id: string, what: 'status' | 'cancel'): string {
  return `/api/workflows/${encodeURIComponent(id)}/${what}`
}

function hasEnded(workflow: WorkflowStatus | undefined): boolean {
  return workflow !== undefined && ['COMPLETED', 'FAILED', 'CANCELLED'].includes(workflow.status)
}

/** Trouble that is worth waiting out. */
function mayPass(error: unknown): error is ServiceError {
  return [WorkflowUnavailableError, WorkflowTimeoutError, WorkflowRateLimitError, WorkflowServerError].some(
    (Passing) => error instanceof Passing,
  )
}
