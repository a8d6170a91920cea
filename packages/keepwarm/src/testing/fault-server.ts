import { once } from 'node:events'
import http from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { Fault } from './fault-answer.ts'
import { bytesOf } from './fault-bytes.ts'
import { checkFaultServer, type FaultServerOptions } from './fault-options.ts'
import { perform } from './fault-perform.ts'
import { ScriptReader, type Script } from './fault-script.ts'
import { ManualRuntime } from './manual-runtime.ts'
import { maskedBody, maskedHeaders, maskedPath, secretNames, type PlainHeaders } from './secrets.ts'

/** A request that arrived, without secrets. */
export interface FaultRequest {
  /** From 1, over all connections. */
  readonly number: number
  readonly method: string
  /** With its query. */
  readonly path: string
  readonly headers: PlainHeaders
  /** As text, at most `maxLoggedBody` bytes of it; and how many it had. */
  readonly body: string
  readonly bodyBytes: number
  /** Which connection brought it, from 1, and whether that had brought another before. */
  readonly connection: number
  readonly reused: boolean
  /** The status that it is answered with, or the fault that it meets. */
  readonly answered: number | Fault
}

interface Line {
  readonly number: number
  requests: number
  /** Requests that it carries: several when they are pipelined. */
  busy: number
  idle?: NodeJS.Timeout
}

/**
 * Starts an HTTP/1.1 server on 127.0.0.1, at a port of its own, that misbehaves as it is told to: for tests of what your
 * code, or a whole process, does when a service fails. Each request gets the answer of the first of the `rules` that fits
 * it; else the next of the `script`; else `otherwise` (200, `{"ok":true}`). A retry is a request, too. Whoever starts it
 * closes it.
 *
 * Rejects with ConfigError naming every option that is wrong.
 *
 * @example
 * await using server = await faultServer({ script: [{ retryAfter: 1 }, { fault: 'reset_in_body' }, { json: [] }] })
 * await using client = new HttpClient({ baseUrl: server.origin })
 * await client.get('/orders').json() // []
 * server.requests.map(({ answered }) => answered) // [503, 'reset_in_body', 200]
 */
export async function faultServer(options: FaultServerOptions = {}): Promise<FaultServer> {
  const server = new FaultServer(options)
  await server.listen()
  return server
}

/** A server that {@link faultServer} started. */
export class FaultServer {
  /** What arrived, in order: when its body was complete. */
  readonly requests: FaultRequest[] = []
  /** Connections that were accepted, and requests that arrived, so far. */
  accepted = 0
  arrived = 0
  private readonly options: FaultServerOptions
  private readonly server: http.Server
  private readonly chance: ManualRuntime
  private readonly isSecret: (name: string) => boolean
  private readonly lines = new Map<Socket, Line>()
  private readonly closing = new AbortController()
  private script: ScriptReader
  private port = 0

  /** @internal */
  constructor(options: FaultServerOptions) {
    checkFaultServer(options)
    this.options = options
    this.script = new ScriptReader(options)
    this.chance = new ManualRuntime(options.seed ?? 1)
    this.isSecret = secretNames(options.secrets)
    this.server = http.createServer({ keepAliveTimeout: 0, requestTimeout: 0 }, (request, response) => {
      this.answer(request, response).catch(() => response.destroy())
    })
    this.server.maxConnections = 1_000
    this.server.on('connection', (socket: Socket) => this.accept(socket))
  }

  /** @internal */
  async listen(): Promise<void> {
    this.server.listen(0, '127.0.0.1')
    await once(this.server, 'listening')
    this.port = (this.server.address() as AddressInfo).port
  }

  /** `http://127.0.0.1:port`; the same after it was closed. */
  get origin(): string {
    return `http://127.0.0.1:${this.port}`
  }

  /** Connections that are open. */
  get open(): number {
    return this.lines.size
  }

  /** Answers of the script that no request has got yet. */
  get scriptLeft(): number {
    return this.script.left
  }

  /**
   * From now on another script; counts of rules begin anew.
   * @throws ConfigError naming every option that is wrong
   */
  behave(script: Script): void {
    checkFaultServer({ ...script })
    this.script = new ScriptReader(script)
  }

  /** Closes every connection that carries no request: with a reset, or in good order. */
  closeIdle(how: 'rst' | 'fin' = 'rst'): void {
    for (const [socket, line] of this.lines) {
      if (line.busy > 0) continue
      if (how === 'rst') socket.resetAndDestroy()
      else socket.end()
    }
  }

  /** Ends all connections, whatever they carry, and stops listening. May be called twice. */
  async close(): Promise<void> {
    this.closing.abort()
    if (!this.server.listening) return
    const closed = once(this.server, 'close')
    this.server.close()
    for (const socket of this.lines.keys()) socket.destroy()
    await closed
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  private accept(socket: Socket): void {
    const line: Line = { number: ++this.accepted, requests: 0, busy: 0 }
    this.lines.set(socket, line)
    socket.on('error', () => {})
    socket.on('close', () => {
      clearTimeout(line.idle)
      this.lines.delete(socket)
    })
    this.rests(socket, line)
  }

  private rests(socket: Socket, line: Line): void {
    const { idleTimeout } = this.options
    if (idleTimeout !== undefined && line.busy === 0) line.idle = setTimeout(() => socket.end(), idleTimeout)
  }

  private async answer(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const { socket } = request
    const line = this.lines.get(socket)
    if (line === undefined) return
    clearTimeout(line.idle)
    line.busy++
    const reused = line.requests++ > 0
    response.on('finish', () => {
      line.busy--
      this.rests(socket, line)
    })
    const gone = new AbortController()
    response.on('close', () => gone.abort())
    const body = await readBody(request, this.options.maxLoggedBody ?? 65_536)
    const { method = 'GET', url: path = '/' } = request
    const answer = this.script.next({ method, path, reused }, () => this.chance.random())
    const answered = answer.fault ?? bytesOf(answer).status
    this.log(request, body, { connection: line.number, reused, answered })
    await perform(answer, response, AbortSignal.any([gone.signal, this.closing.signal]))
  }

  private log(
    { method = 'GET', url = '/', headers }: http.IncomingMessage,
    body: { readonly text: string; readonly bytes: number },
    facts: Pick<FaultRequest, 'connection' | 'reused' | 'answered'>,
  ): void {
    const { isSecret } = this
    this.requests.push({
      number: ++this.arrived,
      method,
      path: maskedPath(url, isSecret),
      headers: maskedHeaders(headers, isSecret),
      body: maskedBody(body.text, headers['content-type'] ?? '', isSecret),
      bodyBytes: body.bytes,
      ...facts,
    })
    if (this.requests.length > (this.options.maxLogged ?? 1_000)) this.requests.shift()
  }
}

/** Reads to the end, and keeps the beginning. */
async function readBody(
  request: http.IncomingMessage,
  most: number,
): Promise<{ text: string; bytes: number }> {
  const kept: Buffer[] = []
  let bytes = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    if (bytes < most) kept.push(chunk.subarray(0, most - bytes))
    bytes += chunk.length
  }
  return { text: Buffer.concat(kept).toString(), bytes }
}
