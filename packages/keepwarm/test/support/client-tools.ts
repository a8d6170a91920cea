/** Small things that tests of the client share. */
import type { IncomingMessage } from 'node:http'
import { HttpClient } from '../../src/client/http-client.ts'
import type { HttpClientOptions } from '../../src/client/options.ts'
import type { KeepwarmError } from '../../src/errors.ts'
import type { TestServer } from './servers.ts'

/** A client of a test server, with short waits between attempts. */
export function clientOf(server: TestServer, options: HttpClientOptions = {}): HttpClient {
  return new HttpClient({ baseUrl: server.origin, retry: { base: 1 }, timeout: 5_000, ...options })
}

/** What a promise rejects with; it is a failure when it does not. */
export async function failureOf(promise: PromiseLike<unknown>): Promise<KeepwarmError> {
  let value: unknown
  try {
    value = await promise
  } catch (error) {
    return error as KeepwarmError
  }
  throw new Error(`it did not fail but gave ${String(value)}`)
}

/** A request's body as the server got it. */
export async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of request.setEncoding('utf8')) text += chunk as string
  return text
}
