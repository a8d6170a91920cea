import type { Call } from '../client/call.ts'
import type { HttpClient } from '../client/http-client.ts'
import { requestOf, type Input, type Named } from './request.ts'

/** One call of an operation: a promise of what it returns, or a generator of what arrives. */
export function perform(client: HttpClient, named: Named, input: Input | undefined): unknown {
  const { returns, returnsEach } = named.operation
  if (returnsEach !== undefined) return each(begun(client, named, input), (call) => call.ndjson(returnsEach))
  if (returns === 'lines') return each(begun(client, named, input), (call) => call.lines())
  return whole(begun(client, named, input), named)
}

/** In a box: a call that is awaited is sent for its response. */
async function begun(client: HttpClient, named: Named, input: Input | undefined): Promise<[Call]> {
  const { path, options } = await requestOf(named, input)
  return [client.call(named.operation.method, path, options)]
}

async function whole(begun: Promise<[Call]>, { operation: { returns } }: Named): Promise<unknown> {
  const [call] = await begun
  if (returns === undefined) return call.json()
  if (returns === 'text') return call.text()
  if (returns === 'bytes') return call.bytes()
  if (returns === 'nothing') return call.discard()
  if (returns === 'response') return call.response()
  return call.json(returns as Exclude<typeof returns, string>)
}

async function* each(
  begun: Promise<[Call]>,
  parts: (call: Call) => AsyncGenerator<unknown>,
): AsyncGenerator<unknown> {
  const [call] = await begun
  yield* parts(call)
}
