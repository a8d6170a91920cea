/**
 * A TLS server at the end of a long wire. It takes as long for a request as its path says, names no keep-alive time,
 * and keeps books of its connections.
 */
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import https from 'node:https'
import { Delays } from './delays.ts'
import { portOf, startLink } from './link.ts'
import { answerQuestions, settingsOf } from './program.ts'
import type { Change } from './sizing-measure.ts'

/** What the server saw since the day began. */
export interface DayBooks {
  /** Each change of the number of open connections, in ms since then; the first is how many there were. */
  readonly history: readonly Change[]
  readonly accepted: number
  readonly requests: number
}

let began = 0
let open = 0
let accepted = 0
let requests = 0
let history: Change[] = []

const front = await start(settingsOf<number>())
answerQuestions(
  `https://127.0.0.1:${portOf(front)}`,
  (question: 'begin' | 'books' | 'open'): DayBooks | number | null => {
    if (question === 'open') return open
    if (question === 'books') return { history, accepted, requests }
    began = performance.now()
    accepted = requests = 0
    history = [{ at: 0, open }]
    return null
  },
)

async function start(roundTrip: number): Promise<Awaited<ReturnType<typeof startLink>>> {
  const key = readFileSync(new URL('test-only-key.pem', import.meta.url))
  const cert = readFileSync(new URL('test-only-cert.pem', import.meta.url))
  const server = https.createServer({ key, cert, keepAliveTimeout: 0 }, (request, response) => {
    requests++
    const takes = Number(request.url?.slice(1))
    setTimeout(() => response.writeHead(200, { 'content-length': 2 }).end('[]'), takes)
  })
  server.listen({ port: 0, host: '127.0.0.1', backlog: 1_024 })
  await once(server, 'listening')
  const link = await startLink(portOf(server), roundTrip, new Delays())
  link.on('connection', (socket) => {
    accepted++
    count(1)
    socket.once('close', () => count(-1))
  })
  return link
}

function count(change: 1 | -1): void {
  open += change
  history.push({ at: performance.now() - began, open })
}
