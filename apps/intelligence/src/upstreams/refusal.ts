/** Requests that are not served: what is wrong with them, and the answer that says so. */
import type { z } from 'zod'

/** An answer that a handler gives instead of its normal one, by throwing it. */
export class Refusal extends Error {
  readonly status: number
  readonly body: unknown
  readonly headers: Readonly<Record<string, string>>

  constructor(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}) {
    super(`refused with ${status}`)
    this.status = status
    this.body = body
    this.headers = headers
  }
}

/** One thing that is wrong with a request. */
export interface Problem {
  readonly path: readonly PropertyKey[]
  readonly message: string
}

/** Checks `value`; throws what `refuse` makes of the problems. */
export function accept<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  refuse: (problems: readonly Problem[]) => Refusal,
): z.output<Schema> {
  const checked = schema.safeParse(value ?? {})
  if (checked.success) return checked.data
  throw refuse(checked.error.issues.map(({ path, message }) => ({ path, message })))
}

/** One line a person can act on: `input.0: Invalid input: expected string, received number`. */
export function describeProblems(problems: readonly Problem[]): string {
  return problems.map(({ path, message }) => `${path.map(String).join('.') || 'body'}: ${message}`).join('; ')
}

/** The shape in which FastAPI services report what is wrong with a request. */
export function fastApiDetail(problems: readonly Problem[]): {
  detail: { loc: string[]; msg: string; type: string }[]
} {
  const detail = problems.map(({ path, message }) => ({
    loc: ['body', ...path.map(String)],
    msg: message,
    type: 'value_error',
  }))
  return { detail }
}
