/** Collects a response's body at handler level: no stream between the socket and the string. */
import type { Dispatcher } from 'undici'
import { HttpStatusError, KeepwarmError } from '../errors.ts'
import { duration, whyNotAgain } from '../exchange/texts.ts'
import type { Exchange } from '../exchange/exchange.ts'
import type { CallHandler } from '../exchange/host.ts'
import { failedForCaller } from './caller-line.ts'
import { describeIssue, type StandardSchema } from './standard-schema.ts'

export type ResponseHeaders = Readonly<Record<string, string | string[] | undefined>>

/** A response whose body is complete. */
export interface Collected {
  readonly status: number
  readonly headers: ResponseHeaders
  readonly body: Buffer
}

/** Calls back once: with the whole response, or the caller's promise is given one that fails. */
export class Collector implements CallHandler {
  readonly collects = true
  exchange: Exchange | undefined
  private readonly resolve: (response: Collected) => void
  private readonly settle: (failed: Promise<never>) => void
  private status = 0
  private headers: ResponseHeaders = {}
  private first: Buffer | undefined
  private more: Buffer[] | undefined

  /** @param settle resolves the caller's promise: a function of its own for failures would be one more for each call. */
  constructor(resolve: (response: Collected) => void, settle: (failed: Promise<never>) => void) {
    this.resolve = resolve
    this.settle = settle
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.exchange = controller as Exchange
  }

  onResponseStart(_controller: unknown, status: number, headers: ResponseHeaders): void {
    if (status < 200) return
    this.status = status
    this.headers = headers
    this.first = this.more = undefined // an attempt before this one may have come half-way
  }

  onResponseData(_controller: unknown, chunk: Buffer): void {
    if (this.first === undefined) this.first = chunk
    else if (this.more === undefined) this.more = [this.first, chunk]
    else this.more.push(chunk)
  }

  onResponseEnd(): void {
    const body = this.more === undefined ? (this.first ?? empty) : Buffer.concat(this.more)
    this.resolve({ status: this.status, headers: this.headers, body })
  }

  onResponseError(_controller: unknown, error: Error): void {
    this.settle(failedForCaller(error))
  }
}

const empty = Buffer.alloc(0)

export function toText(body: Buffer): string {
  const start = body.length >= 3 && body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf ? 3 : 0
  return body.toString('utf8', start)
}

/**
 * Parses JSON, and checks it when there is a schema.
 * @throws KeepwarmError `decode` or `validation`
 */
export function toJson(text: string, what: string, contentType: string | undefined): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    const sort = contentType === undefined ? 'no content-type' : `content-type ${contentType}`
    throw new KeepwarmError('decode', `${what} did not answer with JSON (${sort}): ${excerpt(text)}`, {
      phase: 'body',
      sent: 'maybe',
      cause,
    })
  }
}

/** Checks a value against a schema. Most schemas answer at once; then no promise is made. */
export function checked<T>(value: unknown, schema: StandardSchema<T>, what: string): T | Promise<T> {
  const result = schema['~standard'].validate(value)
  const judge = (judged: Awaited<typeof result>): T => {
    if (judged.issues === undefined) return judged.value
    const issues = judged.issues.slice(0, 5).map(describeIssue).join('; ')
    throw new KeepwarmError('validation', `${what} answered with something else than expected: ${issues}`, {
      phase: 'body',
      sent: 'maybe',
      cause: judged.issues,
    })
  }
  return 'then' in result ? result.then(judge) : judge(result)
}

export function statusError(what: string, response: Collected, exchange: Exchange): HttpStatusError {
  const { status, headers, body } = response
  const text = toText(body)
  const { attempts } = exchange.ledger
  const tried = attempts.length > 1 ? ` on attempt ${attempts.length}` : ''
  const why = whyNotAgain(exchange)
  const wait = why.retryAfter === undefined ? '' : `, and asks to wait for ${duration(why.retryAfter)}`
  const message = `${what} answered ${status}${tried}${wait}: ${excerpt(text)}`
  return new HttpStatusError(message, { status, headers, body: parsedOrText(text) }, { attempts, ...why })
}

function parsedOrText(text: string): unknown {
  if (!/^\s*[{["\d]/.test(text)) return text
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/** The beginning of a body, on one line. */
export function excerpt(text: string): string {
  const line = text.slice(0, 200).replace(/\s+/g, ' ').trim()
  return line === '' ? '(empty body)' : text.length > 200 ? `${line}…` : line
}

export function headerText(headers: ResponseHeaders, name: string): string | undefined {
  const value = headers[name]
  return Array.isArray(value) ? value.join(', ') : value
}
