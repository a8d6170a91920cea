/** A service for tests of the code that uses it: its operations answered by functions, without a network. */
import { KeepwarmError } from '../errors.ts'
import type { OperationInput, OperationResult, Operations, ServiceMethods } from '../service/operation.ts'
import { requestOf, type Input, type Named } from '../service/request.ts'
import type { Service } from '../service/service.ts'
import { checked } from '../client/json.ts'
import type { StandardSchema } from '../client/standard-schema.ts'

/** What an operation answers with in a test: the value, or for `returnsEach` and `lines` all that arrive. */
type Answer<Result> =
  Result extends AsyncGenerator<infer Part>
    ? Iterable<Part> | AsyncIterable<Part>
    : Result extends Promise<infer Value>
      ? Value | Promise<Value>
      : never

export type MockHandlers<O extends Operations> = {
  readonly [Name in keyof O]?: (input: OperationInput<O[Name]>) => Answer<OperationResult<O[Name]>>
}

/** One call that a mock was given. */
export interface MockCall {
  readonly operation: string
  readonly input: Input
}

export type ServiceMock<O extends Operations> = ServiceMethods<O> & { readonly calls: readonly MockCall[] }

/**
 * The operations of a service, answered by `handlers`. Inputs and answers are checked by the service's schemas, so that a
 * test cannot pass with what the real one would refuse; an operation without a handler rejects and says so.
 *
 * @example
 * const api = mockService(search, { query: ({ json }) => ({ hits: [json.text] }) })
 * await codeUnderTest(api)
 * expect(api.calls).toEqual([{ operation: 'query', input: { json: { text: 'a' } } }])
 */
export function mockService<O extends Operations>(
  service: Service<O>,
  handlers: MockHandlers<O>,
): ServiceMock<O> {
  const calls: MockCall[] = []
  const methods = [...service.named].map(([operation, named]) => {
    const handler = handlers[operation] as Handler | undefined
    const method = (input: Input = {}): unknown => {
      calls.push({ operation, input })
      return answered(named, handler, input)
    }
    return [operation, method] as const
  })
  return Object.assign(Object.fromEntries(methods) as unknown as ServiceMethods<O>, { calls })
}

type Handler = (input: Input) => unknown

function answered(named: Named, handler: Handler | undefined, input: Input): unknown {
  const { returns, returnsEach } = named.operation
  if (returnsEach !== undefined || returns === 'lines') return parts(named, handler, input, returnsEach)
  return whole(named, handler, input)
}

async function whole(named: Named, handler: Handler | undefined, input: Input): Promise<unknown> {
  const value = await handled(named, handler, input)
  const { returns } = named.operation
  return typeof returns === 'object' ? checked(value, returns, named.label) : value
}

async function* parts(
  named: Named,
  handler: Handler | undefined,
  input: Input,
  schema: StandardSchema | undefined,
): AsyncGenerator<unknown> {
  for await (const part of (await handled(named, handler, input)) as AsyncIterable<unknown>)
    yield schema === undefined ? part : await checked(part, schema, named.label)
}

/** The input is looked at as for a real call, which refuses what does not fit. */
async function handled(named: Named, handler: Handler | undefined, input: Input): Promise<unknown> {
  await requestOf(named, input)
  if (handler !== undefined) return handler(input)
  const message = `the mock has no handler for ${named.label}; give one to mockService()`
  throw new KeepwarmError('invalid_request', message, { phase: 'admit' })
}
