/** What a call of the freshness database can end with. */
import { fieldOf, ServiceError, type ErrorTable } from '../service-error.ts'

/** The bridge's own words for what went wrong. */
export type BridgeErrorCode =
  | 'INVALID_QUERY'
  | 'TIMEOUT'
  | 'PERMISSION_DENIED'
  | 'TABLE_NOT_FOUND'
  | 'CONNECTION_ERROR'
  | 'INTERNAL_ERROR'

export class FreshnessDatabaseError extends ServiceError {
  /** What the bridge calls it, when it was the bridge that refused. */
  get errorCode(): BridgeErrorCode | undefined {
    return fieldOf(this.responseData, 'error_code') as BridgeErrorCode | undefined
  }
  /** Whether the bridge says that the same query may be sent again. */
  get retryAllowed(): boolean {
    return fieldOf(this.responseData, 'retry_allowed') === true
  }
}

/** The bridge could not be reached, hung up, answered 503, or its breaker is open. */
export class FreshnessUnavailableError extends FreshnessDatabaseError {}
/** The call's time was up, or the query's in the bridge (504). */
export class FreshnessTimeoutError extends FreshnessDatabaseError {}
/** The database refused the query or its values: 400. */
export class FreshnessQueryError extends FreshnessDatabaseError {}
/** 403: the bridge does not let us do this. */
export class FreshnessPermissionError extends FreshnessDatabaseError {}
/** A score was recorded for a document that the database does not know. */
export class FreshnessUnknownDocumentError extends FreshnessDatabaseError {}

export const freshnessErrors: ErrorTable = {
  byStatus: {
    400: FreshnessQueryError,
    403: FreshnessPermissionError,
    503: FreshnessUnavailableError,
    504: FreshnessTimeoutError,
  },
  server: FreshnessDatabaseError,
  timeout: FreshnessTimeoutError,
  unavailable: FreshnessUnavailableError,
  other: FreshnessDatabaseError,
}
