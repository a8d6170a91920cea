/** From text to values. */
import { KeepwarmError } from '../errors.ts'
import { describeIssue, type StandardSchema } from './standard-schema.ts'

/**
 * Parses JSON.
 * @throws KeepwarmError `decode`
 */
export function toJson(text: string, what: string, contentType: string | undefined): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    const sort = contentType === undefined ? 'no content-type' : `content-type ${excerpt(contentType)}`
    throw new KeepwarmError(
      'decode',
      `${what} did not answer with JSON (${sort}): ${excerpt(text)}${asPage(text)}`,
      {
        ...asRead,
        cause,
      },
    )
  }
}

function asPage(text: string): string {
  return /^\s*</.test(text) ? '; is this page from the service, or from a proxy or a login before it?' : ''
}

/**
 * The JSON of a response.
 * @throws KeepwarmError `decode`, which says when there cannot be any
 */
export function bodyJson(
  text: string,
  what: string,
  status: number,
  contentType: string | undefined,
): unknown {
  if (text !== '') return toJson(text, what, contentType)
  const why = withoutBody(what, status)
  if (why === undefined) return toJson(text, what, contentType)
  throw new KeepwarmError(
    'decode',
    `${what} answered ${status} with an (empty body), not with JSON: ${why}`,
    asRead,
  )
}

function withoutBody(what: string, status: number): string | undefined {
  if (what.startsWith('HEAD ')) return 'an answer to HEAD has none; await the call for its headers'
  if (status === 204 || status === 205) return 'this status has none; use discard(), or await the call'
  if (status === 304) return 'it has not changed, keep what you have; await the call to see the status'
  return undefined
}

/** Checks a value against a schema. Most schemas answer at once; then no promise is made. */
export function checked<T>(value: unknown, schema: StandardSchema<T>, what: string): T | Promise<T> {
  const result = schema['~standard'].validate(value)
  const judge = (judged: Awaited<typeof result>): T => {
    if (judged.issues === undefined) return judged.value
    const issues = judged.issues.slice(0, 5).map(describeIssue).join('; ')
    throw new KeepwarmError('validation', `${what} answered with something else than expected: ${issues}`, {
      ...asRead,
      cause: judged.issues,
    })
  }
  return 'then' in result ? result.then(judge) : judge(result)
}

const asRead = { phase: 'body', sent: 'maybe' } as const

/** Line ends, what colours a terminal, and what turns the direction of text. */
const unprintable = /[\s\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]+/g

/** The beginning of a text from outside, on one line, and safe to print. */
export function excerpt(text: string): string {
  const line = text.slice(0, 200).toWellFormed().replace(unprintable, ' ').trim()
  return line === '' ? '(empty body)' : text.length > 200 ? `${line}…` : line
}
