/**
 * An HTTP server of which one answer in a hundred takes 200 to 1000 ms, and the others about 5. It counts requests, and
 * stops working on one whose socket is closed.
 */
import { once } from 'node:events'
import http, { type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Chance } from '@keepwarm/cli/measuring'
import { smallText } from './documents.ts'
import { answerQuestions, settingsOf } from './program.ts'

export interface HedgingCounts {
  readonly requests: number
  /** Requests whose socket was closed before their answer. */
  readonly abandoned: number
}

const seed = settingsOf<number>()
let chance = new Chance(seed)
let counts = { requests: 0, abandoned: 0 }

const server = http.createServer({ keepAliveTimeout: 60_000 }, (_, response) => {
  counts.requests++
  const work = chance.happens(0.01) ? chance.between(200, 1_000) : chance.between(3, 7)
  const timer = setTimeout(() => answer(response), work)
  response.once('close', () => {
    if (response.writableEnded) return
    clearTimeout(timer)
    counts.abandoned++
  })
})
server.listen(0, '127.0.0.1')
await once(server, 'listening')

answerQuestions(
  `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
  (question: 'begin' | 'count' | 'counts') => {
    if (question === 'begin') chance = new Chance(seed)
    if (question === 'count') counts = { requests: 0, abandoned: 0 }
    return counts satisfies HedgingCounts
  },
)

function answer(response: ServerResponse): void {
  response.setHeader('content-type', 'application/json')
  response.end(smallText)
}
