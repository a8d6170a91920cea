import type { Readable } from 'node:stream'
import { writeDeadline } from '../deadline/header.ts'
import { remaining } from '../deadline/remaining.ts'
import { KeepwarmError } from '../errors.ts'
import type { DispatchOptions } from '../pool/lease.ts'
import { asError } from './caller.ts'
import type { ExchangeHost, OriginGuard } from './host.ts'
import type { CallPlan } from './plan.ts'

/** What is kept back for the way there and back, in ms. */
const MARGIN = 1

/**
 * One attempt's own options: where it goes, how much time the server has, and its body. The call's options themselves
 * where they say all that.
 *
 * @param extra headers of this attempt alone.
 * @param adopt told of a body that was made for this attempt, which is then the caller's to close.
 */
export function attemptOptions(
  host: ExchangeHost,
  plan: CallPlan,
  options: DispatchOptions,
  guard: OriginGuard,
  deadline: number,
  now: number,
  extra: Readonly<Record<string, string>> | undefined,
  adopt: (body: Readable) => void,
): DispatchOptions {
  const { deadlineHeader } = host
  const isUsual = guard.endpoint === undefined && plan.makeBody === undefined
  if (isUsual && deadlineHeader === undefined && extra === undefined) return options
  const own = { ...options }
  if (guard.endpoint !== undefined) own.origin = guard.origin
  if (deadlineHeader !== undefined) {
    const left = writeDeadline(deadlineHeader, remaining(deadline, now, MARGIN))
    if (left !== undefined) own.headers = withHeader(options.headers ?? {}, deadlineHeader, left)
  }
  for (const [name, value] of Object.entries(extra ?? {})) {
    own.headers = withHeader(own.headers ?? {}, name, value)
  }
  if (plan.makeBody !== undefined) {
    const body = made(plan.makeBody)
    adopt(body)
    own.body = body
  }
  return own
}

/** What the caller's function throws is about the request, not about the way to the server. */
function made(make: () => Readable): Readable {
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
  if (Array.isArray(headers)) {
    const pairs = headers as unknown as (string | string[])[]
    if (Array.isArray(pairs[0]))
      return hasName(
        pairs.map(([key]) => key!),
        name,
      )
        ? headers
        : ([...pairs, [name, value]] as never)
    return hasName(pairs.filter((_, index) => index % 2 === 0) as string[], name)
      ? headers
      : ([...pairs, name, value] as never)
  }
  if (Symbol.iterator in headers) {
    const pairs = [...headers] as [string, string][]
    const isThere = hasName(
      pairs.map(([key]) => key),
      name,
    )
    return [...pairs.flat(), ...(isThere ? [] : [name, value])]
  }
  return hasName(Object.keys(headers), name) ? headers : { ...headers, [name]: value }
}

function hasName(names: readonly string[], name: string): boolean {
  return names.some((each) => each.toLowerCase() === name)
}
