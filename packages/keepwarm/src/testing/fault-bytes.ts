/** What an answer is made of, before anything is sent. */
import type { FaultAnswer } from './fault-answer.ts'

export interface AnswerBytes {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
}

/** The head and the body that an answer promises; what its fault makes of them comes later. */
export function bytesOf(answer: FaultAnswer): AnswerBytes {
  const { status = answer.retryAfter === undefined ? 200 : 503, retryAfter, fault } = answer
  const whole = bodyOf(answer)
  const body = fault === 'broken_json' ? half(whole) : whole
  const length = fault === 'short_length' ? half(body).length : body.length
  const hasNoBody = status === 204 || status === 304
  const headers = {
    ...(answer.body === undefined && !hasNoBody && { 'content-type': 'application/json' }),
    ...(retryAfter !== undefined && { 'retry-after': String(retryAfter) }),
    ...(!hasNoBody && { 'content-length': String(length) }),
    ...answer.headers,
  }
  return { status, headers, body: hasNoBody ? Buffer.alloc(0) : body }
}

/** At least a byte of it, where it has one, and never all. */
export function half(body: Buffer): Buffer {
  return body.subarray(0, Math.min(Math.max(1, body.length >> 1), Math.max(0, body.length - 1)))
}

function bodyOf({ body, json = { ok: true } }: FaultAnswer): Buffer {
  if (body === undefined) return Buffer.from(JSON.stringify(json))
  return typeof body === 'string' ? Buffer.from(body) : Buffer.from(body)
}
