/** What a call of the workflow coordinator can end with. */
import {
  fieldOf,
  requestProblems,
  ServiceError,
  type ErrorTable,
  type RequestProblem,
  type ServiceErrorFacts,
} from '../service-error.ts'
import type { WorkflowStatus } from './wire.ts'

export class WorkflowCoordinatorError extends ServiceError {}
/** It could not be reached, hung up, answered 503, or its breaker is open. */
export class WorkflowUnavailableError extends WorkflowCoordinatorError {}
export class WorkflowTimeoutError extends WorkflowCoordinatorError {}
/** 429; `retryAfter` says in ms when to come back. */
export class WorkflowRateLimitError extends WorkflowCoordinatorError {}
/** A 5xx other than 503. */
export class WorkflowServerError extends WorkflowCoordinatorError {}

/** 422: the workflow cannot be run as it is described. */
export class WorkflowValidationError extends WorkflowCoordinatorError {
  /** Everything that is wrong with it. */
  get problems(): readonly RequestProblem[] {
    return requestProblems(this.responseData)
  }
}

/** 404. */
export class WorkflowNotFoundError extends WorkflowCoordinatorError {
  get workflowId(): string | undefined {
    return workflowIdIn(this.responseData)
  }
}

/** 409: it has ended, so that it cannot be cancelled. */
export class WorkflowAlreadyCompletedError extends WorkflowCoordinatorError {
  get workflowId(): string | undefined {
    return workflowIdIn(this.responseData)
  }
}

/** `waitForCompletion` saw the workflow fail. */
export class WorkflowFailedError extends WorkflowCoordinatorError {
  readonly workflow: WorkflowStatus

  constructor(service: string, workflow: WorkflowStatus) {
    const why = workflow.errorMessage ?? 'it gave no reason'
    const message = `workflow ${workflow.workflowId} (${workflow.workflowName}) failed: ${why}`
    super(service, message, { code: 'status', sent: 'maybe' })
    this.workflow = workflow
  }
}

/** `waitForCompletion` did not see the end in time; the workflow goes on. */
export class WorkflowWaitTimeoutError extends WorkflowTimeoutError {
  /** How it stood when it was last seen, if it was. */
  readonly workflow: WorkflowStatus | undefined

  constructor(
    service: string,
    id: string,
    timeout: number,
    workflow: WorkflowStatus | undefined,
    cause: unknown,
  ) {
    const seen =
      workflow === undefined
        ? 'its status was never seen'
        : `it is ${workflow.status}, ${workflow.completedNodes} of ${workflow.totalNodes} nodes completed`
    const facts: ServiceErrorFacts = { code: 'deadline', sent: 'maybe', cause }
    super(service, `workflow ${id} did not end within ${timeout} ms (timeout): ${seen}; it goes on`, facts)
    this.workflow = workflow
  }
}

export const workflowErrors: ErrorTable = {
  byStatus: {
    404: WorkflowNotFoundError,
    409: WorkflowAlreadyCompletedError,
    422: WorkflowValidationError,
    429: WorkflowRateLimitError,
    503: WorkflowUnavailableError,
  },
  server: WorkflowServerError,
  timeout: WorkflowTimeoutError,
  unavailable: WorkflowUnavailableError,
  other: WorkflowCoordinatorError,
}

function workflowIdIn(body: unknown): string | undefined {
  const id = fieldOf(body, 'workflow_id')
  return typeof id === 'string' ? id : undefined
}
