/** The dashboard as a plugin of Fastify 5, which is known here by its shape alone. */
import type { IncomingMessage, ServerResponse } from 'node:http'

type Method = (...given: never[]) => unknown

/** What the plugin uses of a Fastify instance. */
export interface FastifyLike {
  readonly prefix: string
  readonly removeAllContentTypeParsers: Method
  readonly addContentTypeParser: Method
  readonly addHook: Method
  readonly route: Method
}

export type FastifyPlugin = (instance: FastifyLike, options: unknown, done: () => void) => void

interface Calls {
  readonly prefix: string
  removeAllContentTypeParsers(): void
  addContentTypeParser(type: string, parser: (request: unknown, body: unknown, done: Done) => void): void
  addHook(name: 'preClose', hook: (done: () => void) => void): void
  route(route: { method: string[]; url: string; handler: (request: Request, reply: Reply) => void }): void
}

type Done = (error: null, body?: unknown) => void
interface Request {
  readonly raw: IncomingMessage
}
interface Reply {
  readonly raw: ServerResponse
  hijack(): void
}

interface PluginHost {
  /** Answers a request below the mount, which has no slash at its end. */
  handle(mount: string, request: IncomingMessage, response: ServerResponse): void
  /** The app closes: streams have to end, for it waits for them. */
  close(): void
}

export function fastifyPlugin(host: PluginHost): FastifyPlugin {
  return (instance, _options, done) => {
    const fastify = instance as unknown as Calls
    const mount = fastify.prefix.replace(/\/+$/, '')
    // Bodies are read by the routes that take one.
    fastify.removeAllContentTypeParsers()
    fastify.addContentTypeParser('*', (_request, _body, read) => read(null))
    fastify.addHook('preClose', (closed) => {
      host.close()
      closed()
    })
    const handler = (request: Request, reply: Reply): void => {
      reply.hijack()
      host.handle(mount, request.raw, reply.raw)
    }
    for (const url of ['/', '/*']) fastify.route({ method: ['GET', 'HEAD', 'POST'], url, handler })
    done()
  }
}
