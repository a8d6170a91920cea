/** Stands in front of an upstream and does to its traffic what networks and servers do to it, from outside. */
import { once } from 'node:events'
import {
  Agent,
  createServer,
  request,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/** What can be wrong with an upstream, and how it is told of. */
export const faults = {
  slow: 'answers a second and a half late',
  flaky: 'half of its answers are resets, 500s, cut off, or no JSON',
  overloaded: 'answers 429 and 503',
  asks_to_wait: 'answers 429 and 503 with Retry-After: 1',
  dead: 'refuses connections',
  hung: 'takes requests and never answers',
} as const
export type Fault = keyof typeof faults
export const faultNames = Object.keys(faults) as Fault[]

/** Milliseconds. */
const SLOWNESS = 1_500

export class Gate implements AsyncDisposable {
  /** Requests that arrived, those for its health not among them. */
  requests = 0
  /** How long the upstream itself took, and when: what is true of it, whatever anybody says. */
  private readonly times: { readonly at: number; readonly took: number }[] = []
  private readonly target: URL
  private readonly server: Server
  private readonly agent = new Agent({ keepAlive: true })
  private readonly random: () => number
  private readonly hanging = new Set<Socket>()
  private port = 0
  private fault: Fault | undefined

  private constructor(target: string, random: () => number) {
    this.target = new URL(target)
    this.random = random
    this.server = createServer((incoming, outgoing) => {
      // Whoever leaves in the middle ends its own connection, nothing else.
      this.answer(incoming, outgoing).catch(() => incoming.socket.destroy())
    })
  }

  /** @param random chance, from 0 to 1, for what is only wrong now and then */
  static async open(target: string, random: () => number = Math.random): Promise<Gate> {
    const gate = new Gate(target, random)
    await gate.listen()
    return gate
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`
  }

  /** From now on; nothing is wrong when it is undefined. What hangs ends with a reset, as when somebody restarts it. */
  async turn(fault: Fault | undefined): Promise<void> {
    for (const socket of this.hanging) socket.resetAndDestroy()
    this.hanging.clear()
    const wasDead = this.fault === 'dead'
    this.fault = fault
    if (fault === 'dead' && !wasDead) await this.stop()
    if (fault !== 'dead' && wasDead) await this.listen()
  }

  /** Milliseconds that the upstream took on average, of the answers from then on, until then. */
  pace(from: number, to: number): number {
    const took = this.times.filter(({ at }) => at >= from && at < to).map((one) => one.took)
    return took.reduce((sum, one) => sum + one, 0) / Math.max(1, took.length)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.server.listening) await this.stop()
    this.agent.destroy()
  }

  private async listen(): Promise<void> {
    await once(this.server.listen(this.port, '127.0.0.1'), 'listening')
    this.port = (this.server.address() as AddressInfo).port
  }

  private async stop(): Promise<void> {
    const closed = once(this.server, 'close')
    this.server.close()
    this.server.closeAllConnections()
    await closed
  }

  private async answer(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    if (incoming.method !== 'GET') this.requests++
    const { fault } = this
    if (fault === 'hung') {
      const { socket } = incoming.resume()
      this.hanging.add(socket)
      return void socket.once('close', () => this.hanging.delete(socket))
    }
    if (fault === 'overloaded' || fault === 'asks_to_wait') {
      incoming.resume()
      const headers = fault === 'asks_to_wait' ? { 'retry-after': '1' } : {}
      return void outgoing.writeHead(this.random() < 0.5 ? 429 : 503, headers).end('{"error":"busy"}')
    }
    if (fault === 'flaky' && this.random() < 0.5) return this.spoil(incoming, outgoing)
    if (fault === 'slow') await sleep(SLOWNESS)
    await this.forward(incoming, outgoing)
  }

  private spoil(incoming: IncomingMessage, outgoing: ServerResponse): void {
    incoming.resume()
    const json = { 'content-type': 'application/json' }
    const ways = [
      () => incoming.socket.resetAndDestroy(),
      () => outgoing.writeHead(500, json).end('{"error":"a fault"}'),
      () => {
        outgoing.writeHead(200, { ...json, 'content-length': '1000' })
        outgoing.write('{"half":', () => incoming.socket.destroy())
      },
      () => outgoing.writeHead(200, json).end('<html>not what was agreed</html>'),
    ]
    ways[Math.floor(this.random() * ways.length)]!()
  }

  private async forward(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const { hostname, port } = this.target
    const { method, url: path, headers } = incoming
    const began = Date.now()
    const onwards = request({ hostname, port, method, path, headers, agent: this.agent })
    outgoing.once('close', () => onwards.destroy())
    incoming.pipe(onwards)
    const [answer] = (await once(onwards, 'response')) as [IncomingMessage]
    this.times.push({ at: Date.now(), took: Date.now() - began })
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
    answer.pipe(outgoing)
    await once(answer, 'close')
  }
}
