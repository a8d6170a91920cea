/** A server that speaks the bytes a case says, and writes down what it got; and what a caller of fetch sees. */
import type { Socket } from 'node:net'
import { startRaw, type TestServer } from './servers.ts'

/** A request as the server got it. */
export interface Received {
  readonly method: string
  readonly path: string
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

export type Answer = (socket: Socket, request: Received, number: number) => void

export class Lab {
  received: Received[] = []
  answer: Answer = (socket) => void socket.write(http(200, {}, 'hello'))
  private readonly server: TestServer

  private constructor(server: TestServer) {
    this.server = server
  }

  static async start(): Promise<Lab> {
    const hold: { lab?: Lab } = {}
    const server = await startRaw((socket) => {
      let bytes = Buffer.alloc(0)
      socket.on('data', (chunk: Buffer) => {
        bytes = Buffer.concat([bytes, chunk])
        for (let next = parse(bytes); next !== undefined; next = parse(bytes)) {
          bytes = bytes.subarray(next.length)
          const lab = hold.lab!
          lab.received.push(next.request)
          lab.answer(socket, next.request, lab.received.length)
        }
      })
    })
    return (hold.lab = new Lab(server))
  }

  get origin(): string {
    return this.server.origin
  }

  get open(): number {
    return this.server.open
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server[Symbol.asyncDispose]()
  }
}

/** One whole request at the beginning of the bytes, if it is there. */
function parse(bytes: Buffer): { request: Received; length: number } | undefined {
  const end = bytes.indexOf('\r\n\r\n')
  if (end === -1) return undefined
  const [line = '', ...fields] = bytes.toString('latin1', 0, end).split('\r\n')
  const [method = '', path = ''] = line.split(' ')
  const headers: Record<string, string> = {}
  for (const field of fields) {
    const colon = field.indexOf(':')
    const name = field.slice(0, colon).toLowerCase()
    const value = field.slice(colon + 1).trim()
    headers[name] = name in headers ? `${headers[name]} | ${value}` : value
  }
  const start = end + 4
  if (headers['transfer-encoding'] === 'chunked') {
    const last = bytes.indexOf('0\r\n\r\n', start)
    if (last === -1) return undefined
    return {
      request: { method, path, headers, body: unchunked(bytes.subarray(start, last)) },
      length: last + 5,
    }
  }
  const length = Number(headers['content-length'] ?? 0)
  if (bytes.length < start + length) return undefined
  const body = bytes.toString('latin1', start, start + length)
  return { request: { method, path, headers, body }, length: start + length }
}

function unchunked(bytes: Buffer): string {
  let text = ''
  for (let at = 0; at < bytes.length;) {
    const line = bytes.indexOf('\r\n', at)
    const size = parseInt(bytes.toString('latin1', at, line), 16)
    text += bytes.toString('latin1', line + 2, line + 2 + size)
    at = line + 4 + size
  }
  return text
}

/** A response with a length. */
export function http(
  status: number,
  headers: Readonly<Record<string, string | readonly string[]>>,
  body: string | Buffer = '',
  text: string = 'Fine',
): Buffer {
  const bytes = Buffer.from(body)
  return Buffer.concat([head(status, { 'content-length': String(bytes.length), ...headers }, text), bytes])
}

/** The same in chunks. */
export function chunked(
  status: number,
  headers: Readonly<Record<string, string | readonly string[]>>,
  ...parts: readonly (string | Buffer)[]
): Buffer {
  const chunks = parts.map((part) => {
    const bytes = Buffer.from(part)
    return Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n')])
  })
  return Buffer.concat([
    head(status, { 'transfer-encoding': 'chunked', ...headers }),
    ...chunks,
    Buffer.from('0\r\n\r\n'),
  ])
}

export function head(
  status: number,
  headers: Readonly<Record<string, string | readonly string[]>>,
  text: string = 'Fine',
): Buffer {
  const lines = Object.entries(headers).flatMap(([name, value]) =>
    [value].flat().map((one) => `${name}: ${one}\r\n`),
  )
  return Buffer.from(`HTTP/1.1 ${status} ${text}\r\n${lines.join('')}\r\n`, 'latin1')
}

export type AnyFetch = (input: never, init?: never) => Promise<Response>

/** What a caller sees of a response, or of an error. */
export async function seen(
  work: Promise<Response>,
  origin: string,
  take: (response: Response) => Promise<unknown>,
): Promise<unknown> {
  let response: Response
  try {
    response = await work
  } catch (error) {
    return { rejects: errorSeen(error) }
  }
  const { status, statusText, ok, redirected, type, headers } = response
  const before = response.bodyUsed
  const fields = [...headers].map(([name, value]) => [name, value.replaceAll(origin, '')])
  const body = await take(response).then(valueSeen, (error: unknown) => ({ rejects: errorSeen(error) }))
  return {
    ...{ status, statusText, ok, redirected, type, body },
    headers: fields,
    cookies: headers.getSetCookie(),
    url: response.url.replaceAll(origin, ''),
    used: [before, response.bodyUsed],
  }
}

function errorSeen(error: unknown): unknown {
  if (!(error instanceof Error) && !(error instanceof DOMException)) return { thrown: String(error) }
  return { name: error.name, isTypeError: error instanceof TypeError }
}

function valueSeen(value: unknown): unknown {
  if (value instanceof Uint8Array)
    return { bytes: Buffer.from(value).toString('latin1'), isBuffer: Buffer.isBuffer(value) }
  if (value instanceof ArrayBuffer) return { buffer: Buffer.from(value).toString('latin1') }
  return value
}
