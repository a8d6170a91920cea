/**
 * The four upstreams of the service in a process of their own, each with so many slots and so long a service time: what
 * they can do together is declared, and does not depend on who asks. A slot takes its next request at the moment when
 * the one before was to be done, not when a timer says so: timers are late, and less could be done than is said.
 */
import { once } from 'node:events'
import http, { type IncomingMessage, type ServerResponse } from 'node:http'
import { answerQuestions, settingsOf } from './program.ts'
import { portOf } from './link.ts'
import { answerTo } from './service-scale-answers.ts'

/** One path's slots, and the time that a request takes one, in ms. */
export interface Capacity {
  readonly slots: number
  readonly service: number
}

export type Capacities = Readonly<Record<string, Capacity>>

/** What one path did since the start. */
export interface PathBooks {
  readonly served: number
  /** Slots times ms that were spent on requests, those under way up to now. */
  readonly busy: number
  /** In all slots and in line, now. */
  readonly present: number
}

export interface UpstreamBooks {
  readonly paths: Readonly<Record<string, PathBooks>>
  readonly connections: number
  readonly cpu_ms: number
}

interface Waiting {
  readonly since: number
  readonly finish: () => void
}

class Line {
  served = 0
  private done = 0
  private free: number
  /** When each of those under way began. */
  private readonly begun = new Set<{ readonly from: number }>()
  private readonly service: number
  private readonly slots: number
  private readonly waiting: Waiting[] = []

  constructor({ slots, service }: Capacity) {
    this.slots = slots
    this.free = slots
    this.service = service
  }

  get present(): number {
    return this.slots - this.free + this.waiting.length
  }

  get busy(): number {
    const now = performance.now()
    let busy = this.done
    for (const { from } of this.begun) busy += Math.min(this.service, Math.max(0, now - from))
    return busy
  }

  enter(finish: () => void): void {
    const since = performance.now()
    if (this.free === 0) return void this.waiting.push({ since, finish })
    this.free--
    this.serve({ since, finish }, since)
  }

  private serve({ finish }: Waiting, from: number): void {
    const until = from + this.service
    const own = { from }
    this.begun.add(own)
    const end = (): void => {
      this.begun.delete(own)
      this.served++
      this.done += this.service
      finish()
      const next = this.waiting.shift()
      if (next === undefined) this.free++
      else this.serve(next, Math.max(until, next.since))
    }
    const left = until - performance.now()
    if (left <= 0) setImmediate(end)
    else setTimeout(end, left)
  }
}

const capacities = settingsOf<Capacities>()
const lines = new Map(Object.entries(capacities).map(([path, capacity]) => [path, new Line(capacity)]))
let connections = 0

const server = http.createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
  void answer(request, response).catch((error: unknown) => {
    console.error(error)
    response.destroy()
  })
})
server.on('connection', () => connections++)
server.listen({ port: 0, host: '127.0.0.1', backlog: 1_024 })
await once(server, 'listening')

answerQuestions(`http://127.0.0.1:${portOf(server)}`, (): UpstreamBooks => {
  const { user, system } = process.cpuUsage()
  const paths = [...lines].map(
    ([path, { served, busy, present }]) => [path, { served, busy, present }] as const,
  )
  return { paths: Object.fromEntries(paths), connections, cpu_ms: (user + system) / 1_000 }
})

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = request.url ?? ''
  const line = lines.get(path)
  if (line === undefined)
    return void response.writeHead(200, { 'content-type': 'application/json' }).end('{"status":"healthy"}')
  const parts: Buffer[] = []
  for await (const part of request) parts.push(part as Buffer)
  line.enter(() => {
    const body = JSON.parse(Buffer.concat(parts).toString()) as Record<string, unknown>
    const text = answerTo({ path, body })
    const type = path === '/api/generate' ? 'application/x-ndjson' : 'application/json'
    response.writeHead(200, { 'content-type': type, 'content-length': Buffer.byteLength(text) }).end(text)
  })
}
