/** A server for the clients' tests, which says what its script tells it and remembers what it was asked. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Asked {
  readonly method: string
  readonly path: string
  readonly headers: IncomingMessage['headers']
  /** Parsed JSON; undefined for an empty body. */
  readonly body: unknown
  /** `performance.now()` when it was complete. */
  readonly at: number
}

export interface Said {
  /** Default 200. */
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  /** Sent as JSON; a string is sent as it is. */
  readonly body?: unknown
  /** Ends the connection without an answer. */
  readonly hangUp?: boolean
  /** Milliseconds before the answer. */
  readonly after?: number
  /** Milliseconds between the body and the end of the answer. Default: the end comes with it. */
  readonly endsAfter?: number
}

export interface ScriptedServer extends AsyncDisposable {
  readonly url: string
  readonly asked: readonly Asked[]
}

/** @param script what to say; `count` is the request's number, from 1. */
export async function startScripted(
  script: (asked: Asked, count: number) => Said | Promise<Said>,
): Promise<ScriptedServer> {
  const asked: Asked[] = []
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const one = await readRequest(request)
    asked.push(one)
    const said = await script(one, asked.length)
    if (said.after !== undefined) await new Promise((resolve) => setTimeout(resolve, said.after))
    if (said.hangUp === true) return void request.socket.destroy()
    response.writeHead(said.status ?? 200, { 'content-type': 'application/json', ...said.headers })
    const body = typeof said.body === 'string' ? said.body : JSON.stringify(said.body ?? {})
    if (said.endsAfter === undefined) return void response.end(body)
    response.write(body)
    await new Promise((resolve) => setTimeout(resolve, said.endsAfter))
    response.end()
  }
  const server = createServer((request, response) => {
    // A client that leaves in the middle ends its connection, nothing else.
    answer(request, response).catch(() => request.socket.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

async function readRequest(request: IncomingMessage): Promise<Asked> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const text = Buffer.concat(chunks).toString()
  const { method = '', url: path = '', headers } = request
  const body: unknown = text === '' ? undefined : JSON.parse(text)
  return { method, path, headers, body, at: performance.now() }
}
