/** What a service offers, declared once: what is sent, what comes back, how long it may take. */
import type { HttpResponse } from '../client/response.ts'
import type { CallOptions } from '../client/options.ts'
import type { StandardSchema } from '../client/standard-schema.ts'
import type { ParameterValue, PathParameters } from './path.ts'

export type OperationMethod = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'OPTIONS' | 'QUERY'

/** How calls of an operation are made, unless one says otherwise. */
type Settings = Omit<CallOptions, 'query' | 'json' | 'form' | 'body' | 'signal' | 'operation'>

/** What comes back where no schema says it. */
export type Returns = 'text' | 'bytes' | 'lines' | 'response' | 'nothing'

/** One thing that a service does. */
export interface Operation extends Settings {
  readonly method: OperationMethod
  /** Below the base URL, with parameters between braces: `/documents/{id}`. */
  readonly path: string
  /** What the query must be. */
  readonly query?: StandardSchema
  /** What the JSON that is sent must be. */
  readonly json?: StandardSchema
  /**
   * What comes back: a schema for JSON; `text`, `bytes`, `lines` as they arrive, the `response` itself, or `nothing`.
   * Default: JSON, `unknown`.
   */
  readonly returns?: StandardSchema | Returns
  /** What each line of newline-delimited JSON is, as it arrives; in the place of `returns`. */
  readonly returnsEach?: StandardSchema
}

export type Operations = Readonly<Record<string, Operation>>

/** What a schema takes, and what it gives. */
type Taken<S> = S extends { readonly '~standard': { readonly types?: infer T } }
  ? NonNullable<T> extends { readonly input: infer I }
    ? I
    : unknown
  : never
type Given<S> = S extends StandardSchema<infer Output> ? Output : never

type Parameters<O extends Operation> = [PathParameters<O['path']>] extends [never]
  ? unknown
  : { readonly params: Readonly<Record<PathParameters<O['path']>, ParameterValue>> }

type QueryOf<O extends Operation> = O extends { readonly query: infer S }
  ? object extends Taken<S>
    ? { readonly query?: Taken<S> }
    : { readonly query: Taken<S> }
  : Pick<CallOptions, 'query'>

type JsonOf<O extends Operation> = O extends { readonly json: infer S }
  ? { readonly json: Taken<S> }
  : Pick<CallOptions, 'json' | 'form' | 'body'>

/** What a call of the operation is given. */
export type OperationInput<O extends Operation> = Parameters<O> &
  QueryOf<O> &
  JsonOf<O> &
  Omit<CallOptions, 'query' | 'json' | 'form' | 'body' | 'operation'>

/** What a call of the operation returns. */
export type OperationResult<O extends Operation> = O extends { readonly returnsEach: infer S }
  ? AsyncGenerator<Given<S>>
  : O extends { readonly returns: infer R }
    ? R extends 'lines'
      ? AsyncGenerator<string>
      : Promise<
          R extends 'text'
            ? string
            : R extends 'bytes'
              ? Buffer
              : R extends 'nothing'
                ? void
                : R extends 'response'
                  ? HttpResponse
                  : Given<R>
        >
    : Promise<unknown>

/** The operations of a service as methods. */
export type ServiceMethods<O extends Operations> = {
  readonly [Name in keyof O]: (
    ...input: object extends OperationInput<O[Name]>
      ? [input?: OperationInput<O[Name]>]
      : [input: OperationInput<O[Name]>]
  ) => OperationResult<O[Name]>
}
