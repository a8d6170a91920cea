import type { Readable } from 'node:stream'
import { writeDeadline } from '../deadline/header.ts'
import { remaining } from '../deadline/remaining.ts'
import { KeepwarmError } from '../errors.ts'
import type { DispatchOptions } from '../pool/lease.ts'
import { hasHeader } from '../pool/request-facts.ts'
import { asError } from './caller.ts'
import type { ExchangeHost, OriginGuard } from './host.ts'

/** What is kept back for the way there and back, in ms. */
const MARGIN = 1

/**
 * One attempt's own options: where it goes, how much time the server has, and its body. The call's options themselves
 * where they say all that.
 *
 * @param extra headers of this attempt alone.
 * @param body that was made for this attempt.
 */
export function attemptOptions(
  { deadlineHeader }: ExchangeHost,
  options: DispatchOptions,
  guard: OriginGuard,
  deadline: number,
  now: number,
  extra: Readonly<Record<string, string>> | undefined,
  body: Readable | undefined,
): DispatchOptions {
  const isUsual = guard.endpoint === undefined && body === undefined
  if (isUsual && deadlineHeader === undefined && extra === undefined) return options
  const own = { ...options }
  if (guard.endpoint !== undefined) own.origin = guard.origin
  if (body !== undefined) own.body = body
  if (deadlineHeader !== undefined) {
    const left = writeDeadline(deadlineHeader, remaining(deadline, now, MARGIN))
    if (left !== undefined) own.headers = withHeader(options.headers ?? {}, deadlineHeader, left)
  }
  for (const name in extra) own.headers = withHeader(own.headers ?? {}, name, extra[name]!)
  return own
}

/** What the caller's function throws is about the request, not about the way to the server. */
export function makeBody(make: () => Readable): Readable {
  try {
    return make()
  } catch (thrown) {
    if (thrown instanceof KeepwarmError) throw thrown
    const why = `the function that makes its body threw an error: ${asError(thrown).message}`
    throw new KeepwarmError('invalid_request', why, { phase: 'admit', cause: thrown })
  }
}

type Headers = NonNullable<DispatchOptions['headers']>

/** Adds a header in whatever shape they are; one that the caller gave stays. */
function withHeader(headers: Headers, name: string, value: string): Headers {
  // What iterates may do so only once.
  const known =
    !Array.isArray(headers) && Symbol.iterator in headers ? ([...headers].flat() as string[]) : headers
  if (hasHeader(known, name)) return known
  if (!Array.isArray(known)) return { ...known, [name]: value } as Headers
  const isPairs = Array.isArray(known[0])
  return [...known, ...(isPairs ? [[name, value]] : [name, value])] as Headers
}
