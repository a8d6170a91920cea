/** What the compiler knows of errors, options and clients: exactly what holds at run time. */
import { expectTypeOf, test } from 'vitest'
import { z } from 'zod'
import {
  createClients,
  findKeepwarmError,
  isKeepwarmError,
  type Call,
  type CallOptions,
  type ConfigError,
  type ConfigProblem,
  type ErrorCode,
  type ErrorOf,
  type HttpClient,
  type HttpClientOptions,
  type HttpStatusError,
  type KeepwarmError,
  type KeepwarmErrorJson,
  type Phase,
} from '../src/index.ts'

/** The compiler looks at it; nothing runs. */
function look(uses: (...all: never[]) => unknown): void {
  expectTypeOf(uses).toBeFunction()
}

test('a code narrows to its error', () => {
  look((error: unknown) => {
    if (isKeepwarmError(error)) expectTypeOf(error).toEqualTypeOf<KeepwarmError>()
    else if (isKeepwarmError(error, 'status')) expectTypeOf(error).toEqualTypeOf<HttpStatusError>()
    else if (isKeepwarmError(error, 'config'))
      expectTypeOf(error.problems).toEqualTypeOf<readonly ConfigProblem[]>()
    else if (isKeepwarmError(error, 'reset')) expectTypeOf(error.code).toEqualTypeOf<'reset'>()
    // @ts-expect-error there is no such code
    isKeepwarmError(error, 'timeout')
  })
  expectTypeOf<ErrorOf<'status'>>().toEqualTypeOf<HttpStatusError>()
  expectTypeOf<ErrorOf<'config'>>().toEqualTypeOf<ConfigError>()
  expectTypeOf<ErrorOf<'queue_full'>['code']>().toEqualTypeOf<'queue_full'>()
  look((error: unknown) => {
    expectTypeOf(findKeepwarmError(error)).toEqualTypeOf<KeepwarmError | undefined>()
    expectTypeOf(findKeepwarmError(error, 'status')).toEqualTypeOf<HttpStatusError | undefined>()
  })
})

test('a code is one of a closed list, and each class has its own', () => {
  expectTypeOf<KeepwarmError['code']>().toEqualTypeOf<ErrorCode>()
  expectTypeOf<HttpStatusError['code']>().toEqualTypeOf<'status'>()
  expectTypeOf<ConfigError['code']>().toEqualTypeOf<'config'>()
  expectTypeOf<HttpStatusError['body']>().toBeUnknown()
  expectTypeOf<KeepwarmError['phase']>().toEqualTypeOf<Phase | undefined>()
  expectTypeOf<ReturnType<KeepwarmError['toJSON']>>().toEqualTypeOf<KeepwarmErrorJson>()
  look((error: KeepwarmError) => {
    // @ts-expect-error an error is not changed
    error.code = 'reset'
    // @ts-expect-error a code that there is not
    return error.code === 'RESET'
  })
})

test('an option that there is not, or of another type, does not compile', () => {
  look((client: HttpClient) => {
    client.get('/', { timeout: 5, query: { open: true } })
    // @ts-expect-error a misspelled option
    client.get('/', { timeOut: 5 })
    // @ts-expect-error a duration is a number of milliseconds
    client.get('/', { timeout: '5s' })
    // @ts-expect-error a limit of connections is the client's
    client.get('/', { maxConnections: 5 })
    // @ts-expect-error undefined is not left out
    const options: HttpClientOptions = { timeout: undefined }
    return options
  })
  expectTypeOf<CallOptions['timeout']>().toEqualTypeOf<number | undefined>()
})

test('named clients are known by their names', () => {
  look(() => {
    const clients = createClients({ search: { baseUrl: 'http://search:8055' }, ollama: {} })
    expectTypeOf(clients.search).toEqualTypeOf<HttpClient>()
    // @ts-expect-error nobody defined it
    return clients.serach
  })
})

test('a line of NDJSON is what its schema makes of it', () => {
  const Token = z.object({ text: z.string(), done: z.coerce.boolean() })
  look(async (call: Call) => {
    for await (const token of call.ndjson(Token))
      expectTypeOf(token).toEqualTypeOf<{ text: string; done: boolean }>()
    for await (const line of call.ndjson()) expectTypeOf(line).toBeUnknown()
  })
})
