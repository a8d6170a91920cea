/**
 * The three upstreams of the indexing pipeline (embed, analyse, store), each a TLS server of its own behind wires of
 * several lengths. They answer at once: what is measured is the way to them.
 */
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import type { RequestListener } from 'node:http'
import https from 'node:https'
import type { Server } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { Delays } from './delays.ts'
import { responses, upstreams, type Origins, type Upstream } from './documents.ts'
import { portOf, startLink } from './link.ts'
import { answerQuestions, settingsOf } from './program.ts'

/** What the servers saw since they were last asked. */
export interface Counts {
  /** TCP connections. */
  connections: number
  /** TLS handshakes that took up an earlier session. */
  resumed: number
  requests: number
}

let counts: Counts = { connections: 0, resumed: 0, requests: 0 }
const delays = new Delays()

const origins: Record<number, Origins> = {}
for (const roundTrip of settingsOf<number[]>()) origins[roundTrip] = await startUpstreams(roundTrip)

answerQuestions(origins, (): Counts => {
  const answer = counts
  counts = { connections: 0, resumed: 0, requests: 0 }
  return answer
})

async function startUpstreams(roundTrip: number): Promise<Origins> {
  const started = upstreams.map(async (upstream) => {
    const server = await startServer(upstream)
    // Without a delay there is no wire in between either: the row for 0 ms is plain loopback.
    const front = roundTrip === 0 ? server : await startLink(portOf(server), roundTrip, delays)
    front.on('connection', () => counts.connections++)
    return [upstream, `https://127.0.0.1:${portOf(front)}`] as const
  })
  return Object.fromEntries(await Promise.all(started)) as Origins
}

async function startServer(upstream: Upstream): Promise<Server> {
  const key = readFileSync(new URL('test-only-key.pem', import.meta.url))
  const cert = readFileSync(new URL('test-only-cert.pem', import.meta.url))
  const server = https.createServer({ key, cert, keepAliveTimeout: 60_000 }, answering(responses[upstream]))
  server.on('secureConnection', (socket: TLSSocket) => {
    if (socket.isSessionReused()) counts.resumed++
  })
  server.listen({ port: 0, host: '127.0.0.1', backlog: 1024 })
  await once(server, 'listening')
  return server
}

function answering(body: string): RequestListener {
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
  return (request, response) => {
    counts.requests++
    request.resume()
    request.on('end', () => response.writeHead(200, headers).end(body))
  }
}
