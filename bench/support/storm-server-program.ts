/**
 * An HTTP server of a few slots and a line without an end. It hangs for a while: then it takes requests and begins
 * none. It works for those who have left, too, as servers do that only notice when they write.
 */
import { once } from 'node:events'
import http, { type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Chance } from '@keepwarm/cli/measuring'
import { smallText } from './documents.ts'
import { answerQuestions, settingsOf } from './program.ts'

export interface StormServer {
  readonly slots: number
  /** Of one request, on average, in ms; the times are exponential. */
  readonly work: number
  readonly seed: number
}

/** When it hangs, in seconds from now. */
export interface StormHang {
  readonly at: number
  readonly for: number
}

const { slots, work, seed } = settingsOf<StormServer>()
const chance = new Chance(seed)
const line: ServerResponse[] = []
let [busy, hung, begun] = [0, false, performance.now()]
/** Requests of each second. */
let arrived: number[] = []

const server = http.createServer({ keepAliveTimeout: 60_000 }, (_, response) => {
  const second = Math.floor((performance.now() - begun) / 1_000)
  arrived[second] = (arrived[second] ?? 0) + 1
  line.push(response)
  serve()
})
server.listen({ port: 0, host: '127.0.0.1', backlog: 4_096 })
await once(server, 'listening')

answerQuestions(
  `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
  (question: StormHang | 'counts') => {
    if (question === 'counts') return Array.from(arrived.keys(), (second) => arrived[second] ?? 0)
    begun = performance.now()
    arrived = []
    setTimeout(() => (hung = true), question.at * 1_000)
    setTimeout(recover, (question.at + question.for) * 1_000)
    return null
  },
)

function recover(): void {
  hung = false
  serve()
}

function serve(): void {
  while (!hung && busy < slots && line.length > 0) {
    const response = line.shift()!
    busy++
    setTimeout(() => finish(response), -Math.log(1 - chance.next()) * work)
  }
}

function finish(response: ServerResponse): void {
  busy--
  if (!response.destroyed) response.setHeader('content-type', 'application/json').end(smallText)
  serve()
}
