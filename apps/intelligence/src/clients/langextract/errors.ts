/** What a call of LangExtract can end with. */
import { requestProblems, ServiceError, type ErrorTable, type RequestProblem } from '../service-error.ts'

export class LangextractError extends ServiceError {}
/** It could not be reached, hung up, answered 503, or its breaker is open. */
export class LangextractUnavailableError extends LangextractError {}
export class LangextractTimeoutError extends LangextractError {}
/** 429; `retryAfter` says in ms when to come back. */
export class LangextractRateLimitError extends LangextractError {}
/** A 5xx other than 503. */
export class LangextractServerError extends LangextractError {}

/** 422: the request is not what the service takes. */
export class LangextractValidationError extends LangextractError {
  /** Everything that is wrong with it. */
  get problems(): readonly RequestProblem[] {
    return requestProblems(this.responseData)
  }
}

export const langextractErrors: ErrorTable = {
  byStatus: {
    422: LangextractValidationError,
    429: LangextractRateLimitError,
    503: LangextractUnavailableError,
  },
  server: LangextractServerError,
  timeout: LangextractTimeoutError,
  unavailable: LangextractUnavailableError,
  other: LangextractError,
}
