/** What is wrong with the store, for programs; the message says it for people. */
export type StoreErrorCode =
  | 'cannot_open'
  | 'not_a_database'
  | 'foreign_database'
  | 'newer_database'
  | 'migration_failed'
  | 'invalid'
  /** The server cannot be reached or is too busy now: later it may go well. */
  | 'unavailable'

/** Everything the store, the queue and the search refuse. `code` is stable, the text is for the reader. */
export class StoreError extends Error {
  readonly code: StoreErrorCode

  constructor(code: StoreErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
  }

  override get name(): string {
    return 'StoreError'
  }
}

/** The words of whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
