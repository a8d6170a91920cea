/** From what SQLite says to the error codes that the bridge's clients know. Pure. */
import { InvalidQuery } from './statement.ts'

export type BridgeErrorCode =
  'INVALID_QUERY' | 'TIMEOUT' | 'PERMISSION_DENIED' | 'TABLE_NOT_FOUND' | 'INTERNAL_ERROR'

export interface Failure {
  readonly status: number
  readonly code: BridgeErrorCode
  readonly message: string
  /** Whether the same request may be sent again: the query was not run, or changed nothing. */
  readonly retryAllowed: boolean
}

/** A query that was stopped at the deadline, between two of its rows. */
export class RanTooLong extends Error {
  readonly changedNothing: boolean

  constructor(message: string, changedNothing: boolean) {
    super(message)
    this.changedNothing = changedNothing
  }
}

/** Added to SQLite's "not authorized", which does not say what is. */
const whatIsPermitted =
  'only SELECT, INSERT, UPDATE and DELETE are run here, without recursion: no schema changes, transactions, pragmas ' +
  'or attached files'

/** SQLite's primary result codes, the low byte of what it reports. */
const sqlite = {
  error: 1,
  busy: 5,
  locked: 6,
  readOnly: 8,
  tooBig: 18,
  constraint: 19,
  mismatch: 20,
  auth: 23,
  range: 25,
}
const faultsOfTheQuery: readonly number[] = [
  sqlite.error,
  sqlite.tooBig,
  sqlite.constraint,
  sqlite.mismatch,
  sqlite.range,
]

export function explainFailure(error: unknown): Failure {
  const message = error instanceof Error ? error.message : String(error)
  const failure = (status: number, code: BridgeErrorCode, retryAllowed = false): Failure => ({
    status,
    code,
    message,
    retryAllowed,
  })
  if (error instanceof InvalidQuery) return failure(400, 'INVALID_QUERY')
  if (error instanceof RanTooLong) return failure(504, 'TIMEOUT', error.changedNothing)
  const code = resultCode(error)
  if (code === sqlite.readOnly) return failure(403, 'PERMISSION_DENIED')
  if (code === sqlite.auth || message.startsWith('not authorized')) {
    return { ...failure(403, 'PERMISSION_DENIED'), message: `${message}: ${whatIsPermitted}` }
  }
  if (code === sqlite.error && message.startsWith('no such table')) return failure(404, 'TABLE_NOT_FOUND')
  if (code !== undefined && faultsOfTheQuery.includes(code)) return failure(400, 'INVALID_QUERY')
  return failure(500, 'INTERNAL_ERROR')
}

/** Whether somebody else holds the database just now; nothing was done then. */
export function isBusy(error: unknown): boolean {
  const code = resultCode(error)
  return code === sqlite.busy || code === sqlite.locked
}

function resultCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number')
    return undefined
  return error.errcode & 0xff
}
