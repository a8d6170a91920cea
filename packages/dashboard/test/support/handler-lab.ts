/** A dashboard of a told process on a real socket. */
import { once } from 'node:events'
import { createServer, request, type IncomingMessage, type OutgoingHttpHeaders, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import type { HttpClient } from 'keepwarm'
import { makeDashboard, type Dashboard } from '../../src/handler/dashboard.ts'
import type { DashboardOptions } from '../../src/handler/options.ts'
import { EventStream } from './handler-stream.ts'
import { ToldProcess } from './handler-observed.ts'

export class Lab {
  readonly told: ToldProcess
  readonly board: Dashboard
  readonly server: Server
  readonly log: [facts: object, text: string][] = []
  private readonly streams: EventStream[] = []

  private constructor(options: DashboardOptions, clients: readonly HttpClient[]) {
    this.told = new ToldProcess()
    if (clients.length > 0) this.told.clients = clients.map(({ name }) => name)
    const note = (facts: object, line: string): void => void this.log.push([facts, line])
    const find = (name: string): HttpClient | undefined => clients.find((client) => client.name === name)
    const { runtime } = this.told
    this.board = makeDashboard({ observed: this.told, find }, { log: { warn: note }, runtime, ...options })
    this.server = createServer(this.board.handle)
  }

  static async open(options: DashboardOptions = {}, clients: readonly HttpClient[] = []): Promise<Lab> {
    const lab = new Lab(options, clients)
    lab.server.listen(0, '127.0.0.1')
    await once(lab.server, 'listening')
    return lab
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`
  }

  async watch(path = '/events', headers: Record<string, string> = {}): Promise<EventStream> {
    const stream = await EventStream.open(`${this.url}${path}`, headers)
    this.streams.push(stream)
    return stream
  }

  async ask(
    path: string,
    options: { method?: string; headers?: OutgoingHttpHeaders; body?: string } = {},
  ): Promise<Answer> {
    return ask(`${this.url}${path}`, options)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const stream of this.streams) stream.close()
    await this.board.close()
    this.server.closeAllConnections()
    if (this.server.listening) await once(this.server.close(), 'close')
  }
}

export interface Answer {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly text: string
  readonly json: unknown
}

/** Sends any header, such as a Host that fetch would not. */
export async function ask(
  url: string,
  {
    method = 'GET',
    headers = {},
    body,
  }: { method?: string; headers?: OutgoingHttpHeaders; body?: string } = {},
): Promise<Answer> {
  const sent = request(url, { method, headers, agent: false })
  sent.end(body)
  const [response] = (await once(sent, 'response')) as [IncomingMessage]
  const said = await text(response)
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    text: said,
    get json() {
      return JSON.parse(said) as unknown
    },
  }
}
