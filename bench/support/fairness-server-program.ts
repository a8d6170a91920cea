/**
 * A server with a few slots and a short line: a request takes exponential time, in the order of coming; what finds the
 * line full is answered 503 at once. A slot takes its next request at the moment when the one before was to be done, not
 * when a timer says so: timers are late, and the server would be able to do less than it says.
 */
import { once } from 'node:events'
import http, { type ServerResponse } from 'node:http'
import { Chance } from '@keepwarm/cli/measuring'
import { portOf } from './link.ts'
import { answerQuestions, settingsOf } from './program.ts'

export interface FairnessServer {
  readonly slots: number
  /** Requests that may stand in line. */
  readonly line: number
  /** Of a request on average, in ms. */
  readonly service: number
  /** Whether a 503 says when to come back. */
  readonly tells: boolean
  readonly seed: number
}

/** What it did since it was asked last. */
export interface ServerBooks {
  readonly served: number
  readonly refused: number
  /** In line, on average over those that were served, in ms. */
  readonly waited: number
}

interface Waiting {
  readonly response: ServerResponse
  readonly since: number
}

const { slots, line, service, tells, seed } = settingsOf<FairnessServer>()
const chance = new Chance(seed)
const waiting: Waiting[] = []
let free = slots
let served = 0
let refused = 0
let waited = 0

const server = http.createServer({ keepAliveTimeout: 0 }, (_request, response) => {
  const now = performance.now()
  if (free > 0) {
    free--
    return serve({ response, since: now }, now)
  }
  if (waiting.length < line) return void waiting.push({ response, since: now })
  refused++
  response.writeHead(503, { 'content-length': 0, ...(tells && { 'retry-after': '0' }) }).end()
})
server.listen({ port: 0, host: '127.0.0.1', backlog: 1_024 })
await once(server, 'listening')
answerQuestions(`http://127.0.0.1:${portOf(server)}`, (): ServerBooks => {
  const books = { served, refused, waited: served === 0 ? 0 : waited / served }
  served = refused = waited = 0
  return books
})

function serve({ response, since }: Waiting, from: number): void {
  const until = from - Math.log(1 - chance.next()) * service
  setTimeout(
    () => {
      served++
      waited += from - since
      response.writeHead(200, { 'content-length': 2 }).end('ok')
      const next = waiting.shift()
      if (next === undefined) free++
      else serve(next, Math.max(until, next.since))
    },
    Math.max(0, until - performance.now()),
  )
}
