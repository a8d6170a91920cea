/** HTTP/1.1 on one socket, without anything that a pool would do about it. */
import http from 'node:http'
import type { Socket } from 'node:net'
import type { ProbePlan } from './target.ts'
import { Lost, type Ending, type Reply, type Wire } from './wire.ts'

/**
 * Has one socket, and leaves it alone between requests: Node's own agent would heed the server's hints, and end a socket
 * itself on which anything arrives, so that it could not be seen who ended it, and how.
 */
class OneSocket extends http.Agent {
  private readonly socket: Socket

  constructor(socket: Socket) {
    super({ keepAlive: true })
    this.socket = socket
  }

  /** What Node calls for each request, in place of its pool. */
  addRequest(request: http.ClientRequest): void {
    request.onSocket(this.socket)
  }
}

export class Http1Wire implements Wire {
  ending: Ending | undefined
  restsSince: number = performance.now()
  readonly ended: Promise<void>
  private readonly plan: ProbePlan
  private readonly socket: Socket
  private readonly agent: OneSocket
  private busy = false
  /** Whether the end that comes is our own. */
  private given = false
  private unasked = 0

  constructor(plan: ProbePlan, socket: Socket) {
    this.plan = plan
    this.socket = socket
    this.agent = new OneSocket(socket)
    this.ended = new Promise((resolve) => socket.once('close', () => resolve()))
    socket.on('data', (chunk: Buffer) => {
      if (!this.busy) this.unasked += chunk.length
    })
    socket.on('end', () => this.end('fin'))
    socket.on('error', () => this.end('rst'))
    socket.on('close', () => this.end('fin'))
  }

  async send(method: string): Promise<Reply> {
    if (this.ending !== undefined || this.socket.destroyed) throw new Lost('it had ended')
    this.busy = true
    try {
      return await this.exchange(method)
    } finally {
      this.busy = false
      this.restsSince = performance.now()
    }
  }

  [Symbol.dispose](): void {
    this.given = true
    this.socket.destroy()
    this.agent.destroy()
  }

  private exchange(method: string): Promise<Reply> {
    const { url, headers, timeout } = this.plan
    const began = performance.now()
    return new Promise((resolve, reject) => {
      const request = http.request({
        ...{ agent: this.agent, method, path: `${url.pathname}${url.search}`, timeout },
        headers: { host: url.host, ...headers },
      })
      const lose = (error: NodeJS.ErrnoException): void => {
        const isOver = this.ending !== undefined || ['ECONNRESET', 'EPIPE'].includes(error.code ?? '')
        reject(isOver ? new Lost(error.message, { cause: error }) : error)
      }
      void this.ended.then(() => reject(new Lost('it ended')))
      request.on('timeout', () => request.destroy(new Error(`no answer within ${timeout} ms`)))
      request.on('error', lose)
      request.on('response', (response) => {
        const { statusCode: status = 0, httpVersion: version } = response
        const reply = { status, version, headers: response.headers, firstByte: performance.now() - began }
        // The turn after it has handed its socket back.
        response.on('end', () => setImmediate(resolve, reply))
        response.on('error', lose)
        response.resume()
      })
      request.end()
    })
  }

  private end(by: Ending['by']): void {
    if (!this.given) this.ending ??= { by, at: performance.now(), unasked: this.unasked }
  }
}
