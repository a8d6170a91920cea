/**
 * What the four embedded stand-ins share: one real HTTP server on loopback, counted at its own sockets.
 *
 * The stand-ins exist so that the reference service runs with nothing else installed. They speak the wire
 * protocol of the service they stand in for and do honest work by rules; none of them contains a model.
 */
import type { Socket } from 'node:net'
import fastify, { type FastifyInstance, type FastifyReply } from 'fastify'
import { Counts } from './counts.ts'
import { Refusal } from './refusal.ts'
import { sizeText } from '../size-text.ts'

/** A running server. `connections` and `requests` are counted by the server, not reported by its clients. */
export interface Upstream {
  readonly name: string
  /** Without a trailing slash, for example `http://127.0.0.1:40123`. */
  readonly url: string
  /** Ends idle connections at once, running requests after a grace. Calling it twice is the same as once. */
  close(): Promise<void>
  /** Connections accepted since the start, and those open now. */
  readonly connections: { readonly opened: number; readonly open: number }
  /** Requests whose head arrived, whatever the answer was. */
  readonly requests: number
}

export interface UpstreamOptions {
  /** Default 0: the system chooses a free one. */
  readonly port?: number
  /** Only loopback: the stand-ins have no authentication. */
  readonly host?: '127.0.0.1'
  /** Milliseconds an idle connection is kept. Default 5000, Node's own. */
  readonly keepAliveTimeout?: number
  /** Bytes a request body may have. Default 16 MiB; more is answered with 413. */
  readonly bodyLimit?: number
  /** Milliseconds that running requests get to finish when the server closes. Default 1000. */
  readonly closeGrace?: number
  /** The memory of a `Counts` that another thread reads. Default: the server's own. */
  readonly counts?: SharedArrayBuffer
}

/** The default of `closeGrace`. */
export const CLOSE_GRACE = 1000

/** Aborts when the other side goes away before it has its whole answer. */
export function goneSignal(reply: FastifyReply): AbortSignal {
  const controller = new AbortController()
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished)
      controller.abort(new Error('the client left before its answer was complete'))
  })
  return controller.signal
}

export interface Service {
  readonly name: string
  readonly options: UpstreamOptions
  /** The body of an error that no handler chose: a broken body, an unknown path, a fault of our own. */
  errorBody(status: number, message: string): unknown
  routes(app: FastifyInstance): void
  /** Ends the service's own work: called once, before the server stops. */
  stop?(): void | Promise<void>
  /** Gives back what the requests worked with: called once, after the last of them, also when the start fails. */
  dispose?(): void
}

/** Starts one service. Rejects, with nothing left open, when the port cannot be had. */
export async function serve(service: Service): Promise<Upstream> {
  const { port = 0, host = '127.0.0.1', keepAliveTimeout = 5000, closeGrace = CLOSE_GRACE } = service.options
  const bodyLimit = service.options.bodyLimit ?? 16 * 1024 * 1024
  const app = fastify({ bodyLimit, keepAliveTimeout })
  const counts = new Counts(service.options.counts)
  const sockets = new SocketLedger(app, counts)
  readEveryBodyAsJson(app)
  answerErrors(app, service, bodyLimit)
  service.routes(app)
  const url = await app.listen({ port, host }).catch(async (error: unknown) => {
    await app.close()
    service.dispose?.()
    throw error
  })
  let closed: Promise<void> | undefined
  return {
    name: service.name,
    url,
    close: () => (closed ??= stop(service, app, sockets, closeGrace)),
    get connections() {
      return counts.connections
    },
    get requests() {
      return counts.requests
    },
  }
}

async function stop(
  service: Service,
  app: FastifyInstance,
  sockets: SocketLedger,
  grace: number,
): Promise<void> {
  const timer = setTimeout(() => sockets.destroyAll(), grace)
  try {
    await service.stop?.()
  } finally {
    sockets.closeWhenIdle()
    await app.close()
    clearTimeout(timer)
    service.dispose?.()
  }
}

/**
 * Knows every socket and how many requests run on it. Node can close idle connections by itself, but counts one
 * that was opened and never used (a warmed one) as busy, and would keep a running request's connection open for
 * the keep-alive time after its answer.
 */
class SocketLedger {
  private readonly running = new Map<Socket, number>()
  private closing = false

  constructor(app: FastifyInstance, counts: Counts) {
    app.server.on('connection', (socket) => {
      counts.add('opened', 1)
      counts.add('open', 1)
      this.running.set(socket, 0)
      socket.once('close', () => {
        counts.add('open', -1)
        this.running.delete(socket)
      })
    })
    app.server.on('request', (request, response) => {
      counts.add('requests', 1)
      this.change(request.socket, +1)
      response.once('close', () => this.change(request.socket, -1))
    })
  }

  closeWhenIdle(): void {
    this.closing = true
    for (const [socket, running] of this.running) if (running === 0) socket.destroy()
  }

  destroyAll(): void {
    for (const socket of this.running.keys()) socket.destroy()
  }

  private change(socket: Socket, by: number): void {
    const running = this.running.get(socket)
    if (running === undefined) return
    this.running.set(socket, running + by)
    if (this.closing && running + by === 0) socket.end()
  }
}

/**
 * All four services read JSON whatever the content type says (curl sends a form type), and an empty body is no
 * body: some routes take none, and clients send the header all the same.
 */
function readEveryBodyAsJson(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error')
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'string' }, (request, body: string, done) => {
    if (body.trim() === '') done(null, undefined)
    else void parse(request, body, done)
  })
}

function answerErrors(app: FastifyInstance, service: Service, bodyLimit: number): void {
  app.setNotFoundHandler((request, reply) =>
    reply.code(404).send(service.errorBody(404, `no such path: ${request.method} ${request.url}`)),
  )
  app.setErrorHandler((error: Error & { statusCode?: number }, _request, reply) => {
    if (error instanceof Refusal) return reply.code(error.status).headers(error.headers).send(error.body)
    const status = error.statusCode ?? 500
    return reply.code(status).send(service.errorBody(status, explain(status, error, bodyLimit)))
  })
}

function explain(status: number, error: Error, bodyLimit: number): string {
  if (status !== 413) return error.message
  return `the request body is larger than ${sizeText(bodyLimit)}, the most this server takes; send less at once`
}
