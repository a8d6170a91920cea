/** Every request has an id and a part of a trace, which its answer, its logs and the upstreams are told. */
import type { FastifyInstance, FastifyServerOptions } from 'fastify'
import { runAs, workOf, type Work } from '../trace/current.ts'

const works = new WeakMap<object, Work>()

/** How requests are named: as the caller names them, else by a name made here. */
export const identify: Pick<FastifyServerOptions, 'genReqId'> = {
  genReqId(request) {
    const { traceparent } = request.headers
    const given = request.headers['x-request-id']
    const work = workOf({
      traceparent: typeof traceparent === 'string' ? traceparent : undefined,
      requestId: typeof given === 'string' ? given : undefined,
    })
    works.set(request, work)
    return work.requestId
  },
}

/** Answers carry the id, and whatever is done for a request knows it. */
export function followRequests(app: FastifyInstance): void {
  app.addHook('onRequest', (request, reply, done) => {
    void reply.header('x-request-id', request.id)
    const work = works.get(request.raw)
    if (work === undefined) return done()
    runAs(work, done)
  })
}
