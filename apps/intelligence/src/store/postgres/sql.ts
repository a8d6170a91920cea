/** What the PostgreSQL store asks of a driver, and what a driver's errors mean. */
import { StoreError, messageOf } from '../errors.ts'

export interface Sql {
  /** Values go beside the text, never into it. Without values the text may hold several statements. */
  query<Row = Record<string, unknown>>(text: string, values?: readonly unknown[]): Promise<Row[]>
}

export interface Database extends Sql {
  /** All of `work` or nothing of it. What lost against another transaction by chance is done again. */
  transaction<Result>(work: (sql: Sql) => Promise<Result>): Promise<Result>
  /**
   * Calls `told` whenever something is sent to the channel, over a connection of its own, until the function that it
   * resolves with is called, or the connection breaks, which `broken` is told. Left out where the driver cannot.
   */
  listen?(channel: string, told: () => void, broken: () => void): Promise<() => Promise<void>>
  close(): Promise<void>
}

/** Another transaction was in the way: the same again may go well. */
const collided: ReadonlySet<string | undefined> = new Set(['40001', '40P01'])
const MOST_TRIES = 5

/** Does it again when it collided with another transaction. */
export async function repeated<Result>(work: () => Promise<Result>): Promise<Result> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work()
    } catch (error) {
      if (attempt === MOST_TRIES || !collided.has(codeOf(error))) throw error
    }
  }
}

/** Classes of PostgreSQL's codes that pass: connection, resources, shutdown, system; and collisions. */
const passing = /^(?:08|53|57P|58|40)/
const unreachable = /^E[A-Z]+$/

/** The error in the store's words; never with values, which may be parts of documents. */
export function explained(error: unknown): unknown {
  if (error instanceof StoreError || !(error instanceof Error)) return error
  const code = codeOf(error)
  if (code === '22021' || code === '22P05') {
    return new StoreError('invalid', 'a text holds a NUL character, which PostgreSQL cannot keep', error)
  }
  const lost = code === undefined && /terminat|timeout|connect/i.test(error.message)
  if (lost || (code !== undefined && (passing.test(code) || unreachable.test(code)))) {
    const text = `the database cannot be used now (${code ?? messageOf(error)})`
    return new StoreError('unavailable', text, error)
  }
  return error
}

function codeOf(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return typeof code === 'string' ? code : undefined
}
