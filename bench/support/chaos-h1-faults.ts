/** The faults of the HTTP/1.1 servers, plain and over TLS. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { answerTo, type Fault } from './chaos-plan.ts'

/** One request that met a fault. */
export interface Victim {
  readonly id: number
  readonly request: IncomingMessage
  readonly response: ServerResponse
  /** Where HTTP is written: over TLS, the socket within. */
  readonly socket: Socket
  /** The TCP socket, which can be reset. */
  readonly raw: Socket
}

type Doing = (victim: Victim) => void

export const h1Faults: Readonly<Partial<Record<Fault, Doing>>> = {
  reset_before: ({ raw }) => raw.resetAndDestroy(),
  fin_before: ({ socket }) => socket.destroy(),
  reset_in_headers: ({ id, socket, raw }) => {
    socket.write(`HTTP/1.1 200 OK\r\nx-id: ${id}\r\ncontent-le`)
    soon(() => raw.resetAndDestroy())
  },
  reset_in_body: (victim) => {
    half(victim)
    soon(() => victim.raw.resetAndDestroy())
  },
  truncated: (victim) => {
    half(victim)
    soon(() => victim.socket.end())
  },
  truncated_chunks: ({ id, response, socket }) => {
    response.writeHead(200, { 'x-id': id }).write(firstHalf(id))
    soon(() => socket.destroy())
  },
  stall: () => {},
  stall_in_body: half,
  slow: ({ id, response }) => trickle(id, response.writeHead(200, lengthened(id))),
  garbage: ({ id, socket }) => socket.end(garbage[id % garbage.length]!),
  unsolicited: ({ id, socket }) => {
    socket.write(raw200(answerTo(id).slice(0, 1_000), id) + raw200('an answer that nobody asked for', 0))
  },
  connection_close: ({ id, response }) => answer(id, response.setHeader('connection', 'close')),
  until_close: ({ id, socket }) =>
    socket.end(`HTTP/1.1 200 OK\r\nx-id: ${id}\r\nconnection: close\r\n\r\n${answerTo(id)}`),
  informational: ({ id, response }) => {
    response.writeEarlyHints({ link: '</style.css>; rel=preload' })
    answer(id, response)
  },
  unavailable: ({ id, response }) => {
    if (id % 3 > 0) response.setHeader('retry-after', id % 3 === 1 ? '0' : '1')
    response.writeHead(503, { 'x-id': id }).end('not now')
  },
}

/** As a good server answers: half of the answers in chunks. */
export function answer(id: number, response: ServerResponse): void {
  response.writeHead(200, id % 2 === 0 ? lengthened(id) : { 'x-id': id }).end(answerTo(id))
}

const garbage: readonly (string | Buffer)[] = [
  'there is no HTTP here\r\n\r\n',
  Buffer.from([0x16, 0x03, 0x01, 0x00, 0xff, 0x00, 0x80, 0x0a]),
  'HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\nhello!',
  'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nxyz\r\nno length\r\n',
  'HTTP/1.1 999999 What\r\n\r\n',
  `HTTP/1.1 200 OK\r\nlong: ${'x'.repeat(40_000)}\r\n\r\n`,
  'HTTP/1.1 200 OK\r\nbroken header\r\n\r\n',
]

function raw200(body: string, id: number): string {
  return `HTTP/1.1 200 OK\r\nx-id: ${id}\r\ncontent-length: ${body.length}\r\n\r\n${body}`
}

function half({ id, response }: Victim): void {
  response.writeHead(200, lengthened(id)).write(firstHalf(id))
}

export function firstHalf(id: number): string {
  const body = answerTo(id)
  return body.slice(0, Math.ceil(body.length / 2))
}

function lengthened(id: number): Record<string, number> {
  return { 'x-id': id, 'content-length': answerTo(id).length }
}

/** Writes the answer in ten parts with pauses between them. */
export function trickle(id: number, to: { write(part: string): unknown; end(): unknown }): void {
  const body = answerTo(id)
  const size = Math.ceil(body.length / 10)
  const from = (start: number): void => {
    if (start >= body.length) return void to.end()
    to.write(body.slice(start, start + size))
    setTimeout(() => from(start + size), 1 + Math.random() * 20)
  }
  from(0)
}

/** After what was written has left. */
export function soon(run: () => void): void {
  setTimeout(run, 1 + Math.random() * 5)
}
