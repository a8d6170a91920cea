/** From an operation and what a call is given to the call's path and options. */
import { invalid } from '../client/invalid.ts'
import type { CallOptions } from '../client/options.ts'
import { describeIssue, type StandardSchema } from '../client/standard-schema.ts'
import type { Operation } from './operation.ts'
import { fillPath, type PathTemplate } from './path.ts'

/** What a method of a service takes, its types forgotten. */
export type Input = CallOptions & { readonly params?: Readonly<Record<string, unknown>> }

/** An operation under its name, its path read. */
export interface Named {
  /** `search.query`: for figures and messages. */
  readonly label: string
  readonly operation: Operation
  readonly template: PathTemplate
}

/**
 * What is sent must fit its schema, and is what the schema makes of it.
 * @throws KeepwarmError `invalid_request`
 */
export async function requestOf(
  { label, operation, template }: Named,
  { params, ...given }: Input = {},
): Promise<{ path: string; options: CallOptions }> {
  const {
    method: _,
    path: _path,
    query,
    json,
    returns: _returns,
    returnsEach: _each,
    ...settings
  } = operation
  const path = fillPath(template, params)
  const headers = { ...asRecord(settings.headers), ...asRecord(given.headers) }
  const options = { ...settings, ...given, headers, operation: label }
  return {
    path,
    options: {
      ...options,
      ...(query !== undefined && {
        query: await fitting(query, given.query ?? {}, `${label}: its \`query\``),
      }),
      ...(json !== undefined && { json: await fitting(json, given.json, `${label}: its \`json\``) }),
    } as CallOptions,
  }
}

async function fitting(schema: StandardSchema, value: unknown, what: string): Promise<unknown> {
  const result = await schema['~standard'].validate(value)
  if (result.issues === undefined) return result.value
  throw invalid(`${what} does not fit: ${result.issues.slice(0, 5).map(describeIssue).join('; ')}`)
}

function asRecord(headers: CallOptions['headers']): Record<string, string | readonly string[] | undefined> {
  if (headers === undefined) return {}
  const entries = Symbol.iterator in headers ? [...headers] : Object.entries(headers)
  return Object.fromEntries(entries.map(([name, value]) => [name.toLowerCase(), value]))
}
