/** The ways to make a call and to take its answer. */
import { Readable } from 'node:stream'
import type { CallOptions, HttpClient } from 'keepwarm'
import type { Dispatcher } from 'undici'
import type { ChaosCall } from './chaos-choose.ts'
import type { ChaosClients } from './chaos-clients.ts'
import { pathOf, uploadOf, type Origins } from './chaos-plan.ts'
import { RestlessReader } from './restless-reader.ts'

/** What came back; undefined where the way does not show it. */
export interface ChaosAnswer {
  readonly status: number
  readonly id: string | undefined
  readonly body: string | undefined
}

export function send(
  call: ChaosCall,
  { clients, pools }: ChaosClients,
  origins: Origins,
  signal: AbortSignal,
): Promise<ChaosAnswer> {
  const [client, pool] = [clients[call.which]!, pools[call.which]!]
  const { way } = call
  if (way === 'fetch') return byFetch(client, call, origins, signal)
  if (way === 'request' || way === 'leave') return byRequest(pool, call, origins, signal)
  if (way === 'dispatch') {
    return new Promise((resolve, reject) => {
      pool.dispatch(wire(call, origins), new RestlessReader(signal, resolve, reject))
    })
  }
  return byClient(client, call, origins, signal)
}

async function byClient(
  client: HttpClient,
  call: ChaosCall,
  origins: Origins,
  signal: AbortSignal,
): Promise<ChaosAnswer> {
  const { method, fault, id, timeout, attemptTimeout, bodyIdleTimeout } = call
  const options: CallOptions = {
    ...content(call),
    timeout,
    ...(attemptTimeout === undefined ? {} : { attemptTimeout }),
    ...(bodyIdleTimeout === undefined ? {} : { bodyIdleTimeout }),
    signal,
  }
  const made = client.call(method, origins[call.place] + pathOf(fault, id), options)
  if (call.way === 'text') return { status: 200, id: undefined, body: await made.text() }
  const response = await made.response()
  const { status, headers } = response
  if (call.way === 'response') return { status, id: one(headers['x-id']), body: await response.text() }
  await response.discard()
  return { status, id: one(headers['x-id']), body: undefined }
}

async function byFetch(
  client: HttpClient,
  call: ChaosCall,
  origins: Origins,
  signal: AbortSignal,
): Promise<ChaosAnswer> {
  const { method, headers } = wire(call, origins)
  const body = method === 'GET' ? null : uploadOf(call.id)
  const url = origins[call.place] + pathOf(call.fault, call.id)
  const response = await client.fetch(url, {
    method,
    headers: headers as Record<string, string>,
    body,
    signal,
  })
  const text = await response.text()
  return { status: response.status, id: response.headers.get('x-id') ?? undefined, body: text }
}

async function byRequest(
  pool: Dispatcher,
  call: ChaosCall,
  origins: Origins,
  signal: AbortSignal,
): Promise<ChaosAnswer> {
  const response = await pool.request({ ...wire(call, origins), signal })
  const { statusCode: status, headers, body } = response
  if (call.way === 'request') return { status, id: one(headers['x-id']), body: await body.text() }
  body.on('error', () => {})
  body.destroy() // whoever leaves in the middle of an answer
  return { status, id: one(headers['x-id']), body: undefined }
}

function wire(call: ChaosCall, origins: Origins): Dispatcher.DispatchOptions {
  const { method, fault, id, place } = call
  const { headers, body } = content(call)
  const shape = { origin: origins[place], path: pathOf(fault, id), method, headers } as const
  if (body === undefined) return shape
  return { ...shape, body: typeof body === 'string' ? body : Readable.from(body) }
}

function content({ id, method, keyed, streamed }: ChaosCall): {
  headers: Record<string, string>
  body?: string | AsyncGenerator<string>
} {
  const headers: Record<string, string> = keyed ? { 'idempotency-key': `call-${id}` } : {}
  if (method === 'GET') return { headers }
  return { headers, body: streamed ? inParts(uploadOf(id)) : uploadOf(id) }
}

async function* inParts(text: string): AsyncGenerator<string> {
  const half = text.length >> 1
  yield text.slice(0, half)
  yield text.slice(half)
}

function one(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header
}
