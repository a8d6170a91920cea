/**
 * A server that closes connections at the worst moment, and counts what it did with each request by its number: what
 * arrived, and what was processed. It reads HTTP/1.1 as plainly as it can, so that it sees the first bytes of a request.
 *
 * Where a timer closes, a wire of 2 ms lies before it: what a client sends while the close is on its way is lost, and
 * neither side can know. There the arrivals are counted at the client's end of the wire.
 */
import { once } from 'node:events'
import net, { type Socket } from 'node:net'
import { Delays } from './delays.ts'
import { portOf, startLink } from './link.ts'
import { answerQuestions } from './program.ts'
import { roundTrip, someRest, type Mode } from './race-plan.ts'

/** What is to come. A request's number is its path: /0 to /(requests - 1). */
export interface RaceOrder {
  readonly mode: Mode
  readonly requests: number
  /** Of the requests on connections that served before: how many find it closed, from 0 to 1. Not for the timer. */
  readonly share: number
}

/** What came of it. */
export interface RaceCounts {
  readonly connections: number
  readonly processed: number
  /** Arrived and got no answer. */
  readonly lost: number
  /** Requests that were processed, or arrived, more than once. */
  readonly processedTwice: number
  readonly arrivedTwice: number
}

export interface RaceOrigins {
  readonly plain: string
  readonly wired: string
}

let order: RaceOrder = { mode: 'fin', requests: 0, share: 0 }
let [connections, lost] = [0, 0]
let [arrived, processed] = [new Uint8Array(0), new Uint8Array(0)]
const delays = new Delays()

const server = net.createServer({ noDelay: true }, serve)
server.listen({ port: 0, host: '127.0.0.1', backlog: 4_096 })
await once(server, 'listening')
const wire = await startLink(portOf(server), roundTrip, delays)
wire.on('connection', (near: Socket) =>
  near.on('data', (chunk) => arrive(numberOf(chunk.toString('latin1')))),
)
const at = (port: number): string => `http://127.0.0.1:${port}`
const origins: RaceOrigins = { plain: at(portOf(server)), wired: at(portOf(wire)) }

answerQuestions(origins, (question: RaceOrder | 'counts') => {
  if (question === 'counts') return counts()
  order = question
  connections = lost = 0
  arrived = new Uint8Array(order.requests)
  processed = new Uint8Array(order.requests)
  return null
})

function counts(): RaceCounts {
  const twice = (numbers: Uint8Array): number => numbers.filter((times) => times > 1).length
  const all = (numbers: Uint8Array): number => numbers.reduce((sum, times) => sum + times, 0)
  return {
    connections,
    processed: all(processed),
    lost: order.mode === 'timer' ? all(arrived) - all(processed) : lost,
    processedTwice: twice(processed),
    arrivedTwice: twice(arrived),
  }
}

/** The number in a request's first line; undefined when the bytes don't begin a request. */
function numberOf(text: string): number | undefined {
  const path = /^[A-Z]+ \/(\d+) /.exec(text)?.[1]
  return path === undefined ? undefined : Number(path)
}

function arrive(number: number | undefined): void {
  if (number !== undefined) arrived[number]!++
}

function serve(socket: Socket): void {
  connections++
  let [rest, served, closed] = ['', 0, false]
  socket.on('error', () => socket.destroy())
  socket.on('close', () => (closed = true))
  socket.on('data', (chunk) => {
    if (closed) return
    const begins = rest === ''
    rest += chunk.toString('latin1')
    if (begins && order.mode !== 'timer') arrive(numberOf(rest))
    if (begins && served > 0 && order.mode !== 'timer' && Math.random() < order.share) {
      closed = true
      return drop(socket, numberOf(rest))
    }
    const end = endOf(rest)
    if (end === undefined) return
    const number = numberOf(rest)!
    rest = rest.slice(end)
    served++
    processed[number]!++
    socket.write(answer(String(number)))
    if (order.mode === 'timer') closeAfterRest(socket, served, () => served)
  })
}

function drop(socket: Socket, number: number | undefined): void {
  lost++
  if (order.mode === 'processed' && number !== undefined) processed[number]!++
  if (order.mode === 'reset') socket.resetAndDestroy()
  else socket.destroy()
}

/** Closes the connection unless it serves again before. */
function closeAfterRest(socket: Socket, served: number, now: () => number): void {
  delays.at(performance.now() + someRest(), () => {
    if (now() === served) socket.destroy()
  })
}

/** Where the first request ends; undefined while it is incomplete. */
function endOf(text: string): number | undefined {
  const head = text.indexOf('\r\n\r\n')
  if (head === -1) return undefined
  const length = /\r\ncontent-length: (\d+)/i.exec(text.slice(0, head))?.[1] ?? '0'
  const end = head + 4 + Number(length)
  return text.length >= end ? end : undefined
}

function answer(body: string): string {
  return `HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: ${body.length}\r\n\r\n${body}`
}
