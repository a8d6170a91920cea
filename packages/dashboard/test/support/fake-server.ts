/** Serves the page, and a scene that plays in real time, as the dashboard's handler would. */
import { once } from 'node:events'
import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { contentSecurityPolicy, pageHtml } from '../../src/built/page.js'
import type { WireTick } from '../../src/page/wire.ts'
import { FakeFeed } from './fake-feed.ts'
import { sceneOf } from './fake-scenes.ts'

export interface FakeServer extends AsyncDisposable {
  /** Of the page. */
  readonly url: string
  /** What was asked of `events`, in its order. */
  readonly asked: readonly URLSearchParams[]
  /** How many streams are open. */
  readonly open: number
  /** Sends nothing any more, and leaves the streams open. */
  silence(): void
  /** Breaks all streams, and refuses new ones until `restore`. */
  breakDown(): void
  restore(): void
  /** Sends one tick of a second now, to all who listen. */
  send(second: number): void
  /** Sends whatever text this is. */
  sendRaw(text: string): void
}

export interface FakeOptions {
  readonly scene: string
  /** Seconds of history. Default 900. */
  readonly history?: number
  /** Default: a tick each second by itself; false: only what `send` sends after the first. */
  readonly plays?: boolean
  readonly port?: number
}

export async function serveScene(options: FakeOptions): Promise<FakeServer> {
  const server = new Fake(options)
  await server.listen(options.port ?? 0)
  return server
}

class Fake implements FakeServer {
  readonly asked: URLSearchParams[] = []
  private readonly feed: FakeFeed
  private readonly history: number
  private readonly server: Server
  private readonly streams = new Map<ServerResponse, { sent: number; every: number }>()
  private readonly timer: NodeJS.Timeout | undefined
  private isSilent = false
  private isBroken = false

  constructor({ scene, history = 900, plays = true }: FakeOptions) {
    this.feed = new FakeFeed(sceneOf(scene), lastSecond())
    this.history = history
    this.server = createServer((request, response) => this.answer(request.url ?? '/', response))
    this.timer = plays ? setInterval(() => this.play(), 250) : undefined
  }

  async listen(port: number): Promise<void> {
    this.server.listen(port, '127.0.0.1')
    await once(this.server, 'listening')
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/dashboard/`
  }

  get open(): number {
    return this.streams.size
  }

  silence(): void {
    this.isSilent = true
  }

  breakDown(): void {
    this.isBroken = true
    for (const response of this.streams.keys()) response.destroy()
  }

  restore(): void {
    this.isBroken = this.isSilent = false
  }

  send(second: number): void {
    for (const [response, state] of this.streams) this.sendTo(response, state, second)
  }

  sendRaw(text: string): void {
    for (const response of this.streams.keys()) response.write(text)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.timer)
    this.server.close()
    this.server.closeAllConnections()
    await Promise.resolve()
  }

  private play(): void {
    const second = lastSecond()
    if (this.isSilent) return
    for (const [response, state] of this.streams) {
      if (second - state.sent >= state.every) this.sendTo(response, state, second)
    }
  }

  private sendTo(response: ServerResponse, state: { sent: number }, second: number): void {
    response.write(event('tick', second, this.feed.tick(second, state.sent)))
    state.sent = second
  }

  private answer(path: string, response: ServerResponse): void {
    const { pathname, searchParams } = new URL(path, 'http://localhost')
    if (pathname === '/dashboard/events') return this.stream(searchParams, response)
    if (pathname === '/dashboard/snapshot.json') return json(response, this.tick().snapshot)
    if (pathname === '/dashboard/diagnose') {
      const { snapshot, verdicts } = this.tick()
      return json(response, { version: 1, at: snapshot.at, verdicts })
    }
    if (pathname !== '/dashboard/') return void response.writeHead(404).end()
    response.setHeader('content-type', 'text/html; charset=utf-8')
    response.setHeader('content-security-policy', contentSecurityPolicy)
    response.end(pageHtml)
  }

  private tick(): WireTick {
    return this.feed.tick(lastSecond())
  }

  private stream(query: URLSearchParams, response: ServerResponse): void {
    this.asked.push(query)
    if (this.isBroken)
      return void response.writeHead(503, { 'content-type': 'text/plain' }).end('Eight already watch.')
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
    const until = lastSecond()
    const from = Math.max(until - this.history + 1, Number(query.get('since') ?? 0) + 1)
    response.write(event('history', until, this.feed.rows(from, until)))
    response.write(event('tick', until, this.feed.tick(until, until)))
    this.streams.set(response, { sent: until, every: Number(query.get('every') ?? 1) })
    response.once('close', () => this.streams.delete(response))
  }
}

function json(response: ServerResponse, value: unknown): void {
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify(value))
}

function event(name: string, id: number, data: unknown): string {
  return `event: ${name}\nid: ${id}\ndata: ${JSON.stringify(data)}\n\n`
}

function lastSecond(): number {
  return Math.floor(Date.now() / 1_000) - 1
}
