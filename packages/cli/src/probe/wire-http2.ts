/** HTTP/2 on one socket: a session, whose requests follow each other. */
import http2 from 'node:http2'
import type { Socket } from 'node:net'
import type { ProbePlan } from './target.ts'
import { Lost, type Ending, type Reply, type Wire } from './wire.ts'

/** What a server that says nothing of it allows, as Node tells it: no bound. */
const UNBOUNDED = 2 ** 32 - 1

export class Http2Wire implements Wire {
  ending: Ending | undefined
  restsSince: number = performance.now()
  readonly ended: Promise<void>
  private readonly plan: ProbePlan
  private readonly session: http2.ClientHttp2Session
  /** Whether the end that comes is our own. */
  private given = false

  constructor(plan: ProbePlan, socket: Socket) {
    this.plan = plan
    this.session = http2.connect(plan.url.origin, { createConnection: () => socket })
    this.ended = new Promise((resolve) => this.session.once('close', () => resolve()))
    this.session.on('goaway', () => this.end('goaway'))
    this.session.on('error', () => this.end('rst'))
    this.session.on('close', () => this.end('fin'))
  }

  get maxStreams(): number | undefined {
    const streams = this.session.remoteSettings?.maxConcurrentStreams
    return streams === undefined || streams >= UNBOUNDED ? undefined : streams
  }

  async send(method: string): Promise<Reply> {
    if (this.ending !== undefined || this.session.closed) throw new Lost('it had ended')
    try {
      return await this.exchange(method)
    } finally {
      this.restsSince = performance.now()
    }
  }

  [Symbol.dispose](): void {
    this.given = true
    this.session.destroy()
  }

  private exchange(method: string): Promise<Reply> {
    const { url, headers, timeout } = this.plan
    const began = performance.now()
    return new Promise((resolve, reject) => {
      const stream = this.session.request({
        ...headers,
        ...{ ':method': method, ':path': `${url.pathname}${url.search}`, ':authority': url.host },
      })
      let reply: Reply | undefined
      stream.setTimeout(timeout, () => stream.destroy(new Error(`no answer within ${timeout} ms`)))
      stream.on('response', ({ ':status': status = 0, ...others }) => {
        reply = { status, version: '2', headers: others, firstByte: performance.now() - began }
      })
      stream.on('error', (error) =>
        reject(this.session.destroyed ? new Lost(error.message, { cause: error }) : error),
      )
      stream.on('close', () => (reply === undefined ? reject(new Lost('no answer')) : resolve(reply)))
      stream.resume()
      stream.end()
    })
  }

  private end(by: Ending['by']): void {
    if (!this.given) this.ending ??= { by, at: performance.now(), unasked: 0 }
  }
}
