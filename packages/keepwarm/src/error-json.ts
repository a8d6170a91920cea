/** What of an error goes into a log: what happened, never what was said. */
import type { ConfigProblem } from './config-problem.ts'
import type { ConfigError, HttpStatusError, KeepwarmError } from './errors.ts'

/** An error as plain JSON. What an error does not have is absent. */
export interface ErrorJson {
  readonly name: string
  readonly message: string
  readonly code?: string
  readonly cause?: ErrorJson
}

/** A {@link KeepwarmError} as plain JSON. */
export interface KeepwarmErrorJson extends ErrorJson, Partial<FactsOf> {
  readonly code: KeepwarmError['code']
  readonly sent: KeepwarmError['sent']
  /** Of an HttpStatusError. */
  readonly status?: number
  /** Of a ConfigError. */
  readonly problems?: readonly ConfigProblem[]
}

type Fact = 'phase' | 'attempts' | 'retryAfter' | 'notRetried' | 'timings' | 'connection' | 'diagnosis'
type FactsOf = { readonly [name in Fact]: NonNullable<KeepwarmError[name]> }

/** So many causes of causes are told. */
const DEEPEST = 4

export function errorToJson(error: KeepwarmError): KeepwarmErrorJson {
  const {
    name,
    code,
    message,
    phase,
    sent,
    attempts,
    retryAfter,
    notRetried,
    timings,
    connection,
    diagnosis,
  } = error
  const { status, problems } = error as Partial<HttpStatusError & ConfigError>
  const all = {
    ...{ name, code, message, phase, sent, status },
    ...{ retryAfter, notRetried, problems },
    ...{ attempts: attempts.length === 0 ? undefined : plain(attempts) },
    ...{ timings: plain(timings), connection: plain(connection), diagnosis: plain(diagnosis) },
    cause: causeToJson(error.cause, DEEPEST),
  }
  return present(all) as KeepwarmErrorJson
}

/** Its stack and what its JSON has besides: a cause may be large, and hold what no log should. */
export function inspectError(
  error: KeepwarmError,
  depth: number,
  options: object,
  inspect: (value: unknown, options: object) => string,
): string {
  const { name, message, ...facts } = errorToJson(error)
  if (depth < 0) return `[${name}: ${message}]`
  return `${error.stack ?? `${name}: ${message}`} ${inspect(facts, options)}`
}

/** Of what others threw only what is sure to be text: a cause may hold a socket, or what the server sent. */
function causeToJson(cause: unknown, depth: number): ErrorJson | undefined {
  if (!isError(cause) || depth === 0) return undefined
  const { name, code, message, errors } = cause as Error & { code?: unknown; errors?: unknown }
  const next: unknown = cause.cause ?? (Array.isArray(errors) ? errors[0] : undefined)
  const all = {
    name: String(name),
    code: typeof code === 'string' ? code : undefined,
    message,
    cause: causeToJson(next, depth - 1),
  }
  return present(all) as ErrorJson
}

/** Also one of another realm. */
function isError(value: unknown): value is Error {
  return typeof value === 'object' && value !== null && typeof (value as Error).message === 'string'
}

/** A copy, times in microseconds at the finest. */
function plain(value: unknown): unknown {
  if (value === undefined) return undefined
  const round = (_: string, part: unknown): unknown =>
    typeof part === 'number' ? Math.round(part * 1_000) / 1_000 : part
  return JSON.parse(JSON.stringify(value, round))
}

function present(all: object): object {
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined))
}
