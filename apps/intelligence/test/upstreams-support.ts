/** What the tests of the stand-ins share: requests as plain as they go over the wire. */
import { connect, type Socket } from 'node:net'
import { once } from 'node:events'
import { onTestFinished } from 'vitest'
import type { Upstream } from '../src/upstreams/index.ts'

/** Closes it when the test ends. */
export async function running<Running extends { close(): Promise<void> }>(
  starting: Promise<Running>,
): Promise<Running> {
  const upstream = await starting
  onTestFinished(() => upstream.close())
  return upstream
}

/** JSON that came over the wire: tests say by their expectations what is in it. */
export interface Json {
  readonly [key: string]: Json
  readonly [index: number]: Json
}

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly body: Json
}

export async function post(
  upstream: Upstream,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const response = await fetch(upstream.url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  return read(response)
}

export async function get(upstream: Upstream, path: string): Promise<Answer> {
  return read(await fetch(upstream.url + path))
}

async function read(response: Response): Promise<Answer> {
  const text = await response.text()
  const json = response.headers.get('content-type')?.startsWith('application/json') === true
  return {
    status: response.status,
    headers: response.headers,
    body: (json ? JSON.parse(text) : text) as Json,
  }
}

/** A connected socket of our own, to see what the server does with it. */
export async function openSocket(upstream: Upstream): Promise<Socket> {
  const { hostname, port } = new URL(upstream.url)
  const socket = connect(Number(port), hostname)
  onTestFinished(() => void socket.destroy())
  await once(socket, 'connect')
  return socket
}

/** Waits until it is so; fails after five seconds with what was last seen. */
export async function until<Value>(
  look: () => Value | Promise<Value>,
  wanted: (value: Value) => boolean,
): Promise<Value> {
  const deadline = performance.now() + 5000
  for (;;) {
    const value = await look()
    if (wanted(value)) return value
    if (performance.now() > deadline) throw new Error(`still ${JSON.stringify(value)} after five seconds`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
