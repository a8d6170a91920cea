/**
 * One server for everything that is dropped onto a client. The first segment of a path says what happens, whatever
 * follows: SDKs with paths of their own are sent there by their base URL.
 */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { HttpClient } from '../../src/client/http-client.ts'
import type { HttpClientOptions } from '../../src/client/options.ts'
import { startHttp, type TestServer } from './servers.ts'
import { sleep, soon } from './wait.ts'

/** Answers in full, by path. */
export type Routes = Readonly<Record<string, RequestListener>>

/** What `/json` answers. */
export interface Echo {
  readonly method: string
  readonly url: string
  readonly body: unknown
}

/** What `/parts` answers: fields as their text, files as what they are. */
export type Parts = Readonly<Record<string, string | { name: string; type: string; bytes: number }>>

export class DropInLab implements AsyncDisposable {
  readonly server: TestServer

  static async start(routes: Routes = {}): Promise<DropInLab> {
    const lost = new Set<string>()
    const server = await startHttp((incoming, response) => {
      const { pathname } = new URL(incoming.url!, 'http://lab')
      const [, word = '', detail = ''] = pathname.split('/')
      if (word === 'lost' && !lost.has(pathname)) return void (lost.add(pathname), incoming.socket.destroy())
      const answer = routes[pathname] ?? answers[word]
      if (answer === undefined) return void response.writeHead(404).end(`no ${pathname}`)
      return answer(incoming, response, detail)
    })
    return new DropInLab(server)
  }

  private constructor(server: TestServer) {
    this.server = server
  }

  url(path: string): string {
    return this.server.origin + path
  }

  /** Without retries of its own, so that what is dropped onto it is seen to do its own. */
  client(options: HttpClientOptions = {}): HttpClient {
    return new HttpClient({ resilience: 'none', timeout: 5_000, ...options })
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.server[Symbol.asyncDispose]()
  }
}

type Answer = (incoming: IncomingMessage, response: ServerResponse, detail: string) => unknown

const answers: Readonly<Record<string, Answer>> = {
  json: echo,
  lost: echo,
  lines: (_, response) => inParts(response, ['one\n', 'two\n', 'three\n']),
  status: (_, response, status) => {
    response.writeHead(Number(status), { 'content-type': 'application/json' })
    response.end('{"message":"not now"}')
  },
  never: () => {},
  half: (_, response) => response.writeHead(200, { 'content-type': 'application/json' }).write('{"half":'),
  bytes: async (incoming, response) => json(response, { bytes: (await buffer(incoming)).length }),
  parts: async (incoming, response) => json(response, await partsOf(incoming)),
}

async function echo(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  const text = (await buffer(incoming)).toString()
  const { method, url } = incoming
  json(response, { method, url, body: text === '' ? null : JSON.parse(text) })
}

export function json(response: ServerResponse, value: unknown): void {
  response.setHeader('content-type', 'application/json').end(JSON.stringify(value))
}

/** Each part in a packet of its own. */
export async function inParts(
  response: ServerResponse,
  parts: readonly string[],
  type = 'text/plain',
): Promise<void> {
  response.writeHead(200, { 'content-type': type })
  for (const part of parts) {
    response.write(part)
    await sleep(5)
  }
  response.end()
}

async function partsOf(incoming: IncomingMessage): Promise<Parts> {
  const type = incoming.headers['content-type']!
  const form = await new Response(await buffer(incoming), { headers: { 'content-type': type } }).formData()
  const parts = [...form].map(([name, value]) => [
    name,
    typeof value === 'string' ? value : { name: value.name, type: value.type, bytes: value.size },
  ])
  return Object.fromEntries(parts) as Parts
}

/** What a stream gives, part by part. */
export async function textParts(stream: ReadableStream<Uint8Array>): Promise<string[]> {
  const parts: string[] = []
  for await (const part of stream) parts.push(Buffer.from(part).toString())
  return parts
}

/** A URL where nobody listens. */
export async function nowhere(): Promise<string> {
  const gone = await startHttp()
  const { origin } = gone
  await gone[Symbol.asyncDispose]()
  return origin
}

/** What it rejects with, within seconds; not to reject is a failure. */
export async function rejection<E extends Error = Error>(promise: PromiseLike<unknown>): Promise<E> {
  const failing = Promise.resolve(promise).then(
    (value) => {
      throw new Error(`it did not fail but gave ${String(value)}`)
    },
    (error: unknown) => error as E,
  )
  return soon(failing, 'the rejection')
}
