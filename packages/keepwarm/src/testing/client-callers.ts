/** Those who make the calls of a simulation, each in a way of its own. */
import type { HttpClient } from '../client/http-client.ts'
import type { CallOptions } from '../client/options.ts'
import type { ConnectionPool } from '../pool/pool.ts'
import type { Runtime } from '../runtime.ts'
import { endingOf, VisitHandler, type Visit } from './client-visit.ts'

/** What is called: a client, or its pool alone. */
interface Called {
  readonly client: HttpClient | undefined
  readonly pool: ConnectionPool
  readonly law: (holds: boolean, law: string) => void
  readonly runtime: Runtime
}

/** Makes the call. `settle` is told once how it ended. */
export function send(
  { client, pool, law, runtime }: Called,
  visit: Visit,
  limit: number,
  settle: (how: string) => void,
): void {
  if (client !== undefined && !visit.isHandler)
    void callOf(client, visit, limit, runtime).then(settle, (error: unknown) => settle(endingOf(error)))
  else dispatch(client ?? pool, visit, new VisitHandler(visit, settle, law, () => runtime.now()))
}

function dispatch(to: HttpClient | ConnectionPool, visit: Visit, handler: VisitHandler): void {
  const { origin, path, method, headers, body, idempotent, priority } = visit
  const timers = { headersTimeout: 0, bodyTimeout: 0 }
  const given = {
    ...(idempotent !== undefined && { idempotent }),
    ...(priority !== undefined && { priority }),
  }
  to.dispatch({ origin, path, method, headers, body, ...given, ...timers }, handler)
}

async function callOf(client: HttpClient, visit: Visit, limit: number, runtime: Runtime): Promise<string> {
  const controller = new AbortController()
  visit.abort = (reason) => controller.abort(reason)
  const { origin, path, method, headers, body, idempotent, priority } = visit
  const options: CallOptions = {
    headers,
    signal: controller.signal,
    ...(body !== null && { body }),
    ...(idempotent !== undefined && { idempotent }),
    ...(priority !== undefined && { priority }),
    ...(limit > 0 && { timeout: limit }),
  }
  const call = client.call(method, origin + path, options)
  if (visit.reader === 'text') {
    await call.text()
    return 'answered 200'
  }
  const response = await call
  visit.givenAt = runtime.now()
  if (visit.reader === 'discard') await response.discard()
  else await response.bytes()
  return visit.reader === 'discard' ? 'discarded' : `answered ${response.status}`
}
