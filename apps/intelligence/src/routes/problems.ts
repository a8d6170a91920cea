/** Errors as RFC 9457 problem details. What goes wrong inside is logged and not told. */
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { STATUS_CODES } from 'node:http'
import type { z } from 'zod'
import { sizeText } from '../size-text.ts'
import { StoreError } from '../store/errors.ts'

export interface FieldProblem {
  /** Where, such as `filters.type`; empty for the whole. */
  readonly field: string
  readonly message: string
}

/** A request that is answered with a problem. */
export class Problem extends Error {
  readonly status: number
  readonly extra: Readonly<Record<string, unknown>>

  /** @param detail a sentence for whoever sent the request */
  constructor(status: number, detail: string, extra: Readonly<Record<string, unknown>> = {}) {
    super(detail)
    this.status = status
    this.extra = extra
  }

  override get name(): string {
    return 'Problem'
  }
}

/** What is wrong with which field; twenty of them at most. */
export function fieldProblems(error: z.ZodError): FieldProblem[] {
  return error.issues
    .slice(0, 20)
    .map(({ path, message }) => ({ field: path.map(String).join('.'), message }))
}

/** The value as the schema reads it. @throws Problem 400 that names every field that is wrong. */
export function accept<Output>(schema: z.ZodType<Output>, value: unknown, what: string): Output {
  if (value === undefined) throw new Problem(400, `${what} cannot be used: the body is empty; expected JSON`)
  const read = schema.safeParse(value)
  if (read.success) return read.data
  const errors = fieldProblems(read.error)
  const first = errors
    .map(({ field, message }) => (field === '' ? message : `${field}: ${message}`))
    .join('; ')
  throw new Problem(400, `${what} cannot be used: ${first.slice(0, 500)}`, { errors })
}

/** Answers for whatever a route throws, and for paths that are not there. */
export function answerProblems(app: FastifyInstance): void {
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?', 1)[0]
    return send(
      request,
      reply,
      new Problem(404, `there is no ${request.method} ${path}; GET / lists what there is`),
    )
  })
  app.setErrorHandler((error: FastifyError, request, reply) => {
    const problem = toProblem(error, app.initialConfig.bodyLimit ?? 0)
    if (problem.status >= 500) request.log.error({ err: error }, 'a request failed')
    return send(request, reply, problem)
  })
}

function send(
  request: FastifyRequest,
  reply: FastifyReply,
  { status, message, extra }: Problem,
): FastifyReply {
  const body = {
    type: 'about:blank',
    title: STATUS_CODES[status] ?? 'Error',
    status,
    detail: message,
    ...extra,
  }
  const instance = request.url.split('?', 1)[0]
  if (typeof extra['retry_after'] === 'number') void reply.header('retry-after', extra['retry_after'])
  return reply
    .code(status)
    .header('content-type', 'application/problem+json; charset=utf-8')
    .send(JSON.stringify({ ...body, instance, request_id: request.id }))
}

/** Fastify's own refusals, in our words. */
const refusals: Readonly<Record<string, string>> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'the body must be JSON: send it with content-type: application/json',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'the body is empty; expected JSON',
  FST_ERR_CTP_INVALID_JSON_BODY: 'the body is not JSON',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'the body is not as long as content-length says',
  FST_ERR_BAD_URL: 'the path cannot be read: a percent sign in it is written %25',
}

function toProblem(error: FastifyError, bodyLimit: number): Problem {
  if (error instanceof Problem) return error
  if (error instanceof StoreError && error.code === 'invalid') return new Problem(400, error.message)
  if (error instanceof StoreError && error.code === 'unavailable') return new Problem(503, error.message)
  if (error.code === 'FST_ERR_CTP_BODY_TOO_LARGE') {
    return new Problem(
      413,
      `the body is larger than ${sizeText(bodyLimit)}, the most that is taken; send less at once`,
    )
  }
  const known = refusals[error.code]
  const status = error.statusCode ?? 500
  if (known !== undefined && status < 500) return new Problem(status, known)
  if (status < 500) return new Problem(status, 'the request cannot be read')
  return new Problem(500, 'a fault of this service; its log says more')
}
