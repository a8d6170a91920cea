/** What the four clients' own errors have in common, and how one of keepwarm's becomes one of theirs. */
import { HttpStatusError, KeepwarmError, type ErrorCode, type ErrorFacts } from 'keepwarm'

export interface ServiceErrorFacts extends ErrorFacts {
  readonly code: ErrorCode
  readonly status?: number | undefined
  readonly responseData?: unknown
}

/**
 * A call of a service failed. It is a KeepwarmError, so `code`, `phase`, `sent`, `attempts` and `retryAfter` say the
 * same as there; `cause` is the error that it was made from. Each service has its own classes, which say what the
 * service meant.
 */
export class ServiceError extends KeepwarmError {
  /** The client's name, such as `langextract`. */
  readonly service: string
  /** The status that the service answered with, if it did. */
  readonly status: number | undefined
  /** The body of that answer: parsed when it was JSON, otherwise its text. */
  readonly responseData: unknown

  constructor(service: string, message: string, facts: ServiceErrorFacts) {
    super(facts.code, `${service}: ${message}`, facts)
    this.service = service
    this.status = facts.status
    this.responseData = facts.responseData
  }

  override get name(): string {
    return this.constructor.name
  }
}

export type ServiceErrorClass = new (
  service: string,
  message: string,
  facts: ServiceErrorFacts,
) => ServiceError

/** Which class of a service stands for which failure. */
export interface ErrorTable {
  readonly byStatus: Readonly<Record<number, ServiceErrorClass>>
  /** Any 5xx that `byStatus` does not name. */
  readonly server: ServiceErrorClass
  /** A time limit was reached; `code` says which. */
  readonly timeout: ServiceErrorClass
  /** It could not be reached, hung up, or its breaker is open. */
  readonly unavailable: ServiceErrorClass
  /** Everything else: other statuses, and answers that are not what was agreed. */
  readonly other: ServiceErrorClass
}

/** The service's own error for whatever a call rejected with. What the caller cancelled stays an AbortError. */
export function toServiceError(error: unknown, service: string, table: ErrorTable): unknown {
  if (!(error instanceof KeepwarmError) || error instanceof ServiceError || error.code === 'aborted') {
    return error
  }
  const ErrorClass = classFor(error, table)
  return new ErrorClass(service, error.message, factsOf(error))
}

/** What is known of a failed call, for an error of one's own. */
function factsOf(error: KeepwarmError): ServiceErrorFacts {
  const { code, phase, sent, attempts, notRetried } = error
  const retryAfter = error.retryAfter ?? (error instanceof HttpStatusError ? askedWait(error) : undefined)
  return {
    code,
    sent,
    attempts,
    cause: error,
    ...(phase === undefined ? {} : { phase }),
    ...(retryAfter === undefined ? {} : { retryAfter }),
    ...(notRetried === undefined ? {} : { notRetried }),
    ...(error instanceof HttpStatusError ? { status: error.status, responseData: error.body } : {}),
  }
}

/** One thing that a service did not like about a request. */
export interface RequestProblem {
  /** Where, such as `body.min_confidence`. */
  readonly field: string
  readonly message: string
}

/** The list in the body of a 422, in FastAPI's form; empty when the body has another one. */
export function requestProblems(body: unknown): RequestProblem[] {
  const detail = fieldOf(body, 'detail')
  if (!Array.isArray(detail)) return []
  return detail.map((one: unknown) => {
    const path = fieldOf(one, 'loc')
    const message = fieldOf(one, 'msg')
    return {
      field: Array.isArray(path) ? path.join('.') : '',
      message: typeof message === 'string' ? message : JSON.stringify(one),
    }
  })
}

export function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined
}

function classFor(error: KeepwarmError, table: ErrorTable): ServiceErrorClass {
  if (error instanceof HttpStatusError) {
    return table.byStatus[error.status] ?? (error.status >= 500 ? table.server : table.other)
  }
  switch (error.code) {
    case 'deadline':
    case 'attempt_timeout':
    case 'acquire_timeout':
      return table.timeout
    case 'connect':
    case 'reset':
    case 'breaker_open':
      return table.unavailable
    default:
      return table.other
  }
}

/** What `Retry-After` asks for in ms: seconds, or a date, which is compared with the server's own clock. */
function askedWait({ headers }: HttpStatusError): number | undefined {
  const text = first(headers['retry-after'])?.trim()
  if (text === undefined) return undefined
  if (/^\d{1,10}(\.\d+)?$/.test(text)) return Number(text) * 1_000
  const at = Date.parse(text)
  const serverClock = Date.parse(first(headers['date']) ?? '')
  return Number.isNaN(at)
    ? undefined
    : Math.max(0, at - (Number.isNaN(serverClock) ? Date.now() : serverClock))
}

function first(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value
}
