/** How an incident is made: a real server, a client of it, and what goes wrong between them. */
import { HttpClient } from '../../src/client/http-client.ts'
import type { CallOptions, HttpClientOptions } from '../../src/client/options.ts'
import type { ErrorCode, KeepwarmError } from '../../src/errors.ts'
import { failureOf } from './client-tools.ts'
import { startHttp, type TestServer } from './servers.ts'

export interface Incident {
  readonly name: string
  readonly code: ErrorCode
  readonly happens: () => Promise<KeepwarmError>
}

/** In the query, in a header and in the answers' headers: it may stand in no error. */
export const secret = 'hunter2'

export const path = `/orders?token=${secret}`
export const headers = { authorization: `Bearer ${secret}` }

export function ask(client: HttpClient, options: CallOptions = {}): Promise<unknown> {
  return client.get(path, { headers, ...options }).json()
}

/** A server, a client of it, and what goes wrong between them. */
export async function between(
  server: Promise<TestServer>,
  options: HttpClientOptions,
  goesWrong: (client: HttpClient, server: TestServer) => Promise<KeepwarmError>,
): Promise<KeepwarmError> {
  await using started = await server
  const client = new HttpClient({ baseUrl: started.origin, retry: { base: 1 }, timeout: 5_000, ...options })
  try {
    return await goesWrong(client, started)
  } finally {
    await client.destroy()
  }
}

/** A client alone. */
export async function alone(options: HttpClientOptions): Promise<KeepwarmError> {
  await using client = new HttpClient({ timeout: 5_000, retry: { base: 1 }, ...options })
  return await failureOf(ask(client))
}

export const silent = (): Promise<TestServer> => startHttp(() => {})

export const answers = (status: number, type: string, body: string): Promise<TestServer> =>
  startHttp((_, response) => {
    response.writeHead(status, { 'content-type': type, 'set-cookie': `id=${secret}` }).end(body)
  })
