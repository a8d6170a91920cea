/** The kinds of work a node can be. Few and honest: each does what its parameters say and reports what came of it. */
import { request, type IncomingMessage } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { z } from 'zod'

const loopback = new Set(['localhost', '127.0.0.1', '[::1]'])

function isLoopbackHttp(url: string): boolean {
  if (!URL.canParse(url)) return false
  const { protocol, hostname } = new URL(url)
  return protocol === 'http:' && loopback.has(hostname)
}

export const nodeParameters = {
  /** Takes time, as a computation would. */
  COMPUTE: z.looseObject({ duration_ms: z.number().min(0).max(86_400_000).default(0) }),
  /** Calls a service on this machine; this server must not become a way to reach others. */
  EFFECT: z.looseObject({
    url: z.string().refine(isLoopbackHttp, 'must be an http:// URL on localhost, 127.0.0.1 or [::1]'),
    method: z.enum(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']).optional(),
    body: z.unknown().optional(),
  }),
  /** Folds the outputs of the nodes it depends on. */
  REDUCER: z.looseObject({
    operation: z.enum(['collect', 'count', 'sum']).default('collect'),
    /** The field of each output to collect or sum; without it the whole output. */
    field: z.string().optional(),
  }),
  /** A point where branches meet. */
  ORCHESTRATOR: z.looseObject({}),
} as const

export interface Work {
  readonly type: keyof typeof nodeParameters
  readonly parameters: Readonly<Record<string, unknown>>
  /** Outputs of the nodes it depends on, in the order in which they are named. */
  readonly inputs: readonly unknown[]
}

/** Does a node's work; rejects when it fails or when the signal aborts. */
export async function perform({ type, parameters, inputs }: Work, signal: AbortSignal): Promise<unknown> {
  switch (type) {
    case 'COMPUTE':
      return compute(nodeParameters.COMPUTE.parse(parameters), signal)
    case 'EFFECT':
      return call(nodeParameters.EFFECT.parse(parameters), signal)
    case 'REDUCER':
      return reduce(nodeParameters.REDUCER.parse(parameters), inputs)
    case 'ORCHESTRATOR':
      return { joined: inputs.length }
  }
}

async function compute(
  { duration_ms }: z.output<typeof nodeParameters.COMPUTE>,
  signal: AbortSignal,
): Promise<unknown> {
  const started = performance.now()
  await pause(duration_ms, undefined, { signal })
  return { duration_ms: Math.round((performance.now() - started) * 1000) / 1000 }
}

/** Bytes of an answer that become the node's output; the rest is not read. */
const maxOutput = 64 * 1024

async function call(
  parameters: z.output<typeof nodeParameters.EFFECT>,
  signal: AbortSignal,
): Promise<unknown> {
  const { url, body } = parameters
  const method = parameters.method ?? (body === undefined ? 'GET' : 'POST')
  const response = await send(url, method, body, signal)
  const status = response.statusCode ?? 0
  const { text, truncated } = await readStart(response)
  // Redirects are not followed, as they could lead away from loopback, so they count as failures too.
  if (status < 200 || status > 299)
    throw new Error(`${method} ${url} answered ${status}: ${text.slice(0, 200)}`)
  return { status, body: parse(text), truncated }
}

/**
 * One connection for one call, past the process's `fetch`: in the same process the reference service may have set its
 * own pool as the global dispatcher, and this server's traffic must not appear in it.
 */
function send(url: string, method: string, body: unknown, signal: AbortSignal): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const payload = body === undefined ? undefined : JSON.stringify(body)
    const headers = payload === undefined ? {} : { 'content-type': 'application/json' }
    const outgoing = request(url, { method, headers, signal, agent: false })
    outgoing.once('response', resolve)
    outgoing.once('error', reject)
    outgoing.end(payload)
  })
}

async function readStart(response: IncomingMessage): Promise<{ text: string; truncated: boolean }> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    chunks.push(chunk)
    size += chunk.length
    if (size > maxOutput) break
  }
  return { text: Buffer.concat(chunks).subarray(0, maxOutput).toString(), truncated: size > maxOutput }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

function reduce(
  { operation, field }: z.output<typeof nodeParameters.REDUCER>,
  inputs: readonly unknown[],
): unknown {
  const values = field === undefined ? inputs : inputs.map((input) => fieldOf(input, field))
  if (operation === 'count') return { count: values.length }
  if (operation === 'collect') return { values }
  let sum = 0
  for (const value of values) {
    if (typeof value !== 'number')
      throw new Error(`cannot sum ${JSON.stringify(value) ?? 'nothing'}: not a number`)
    sum += value
  }
  return { sum }
}

function fieldOf(input: unknown, field: string): unknown {
  return typeof input === 'object' && input !== null ? (input as Record<string, unknown>)[field] : undefined
}
