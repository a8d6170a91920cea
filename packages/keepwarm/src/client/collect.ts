/** Collects a response's body at handler level: no stream between the socket and the string. */
import type { Dispatcher } from 'undici'
import type { Exchange } from '../exchange/exchange.ts'
import type { CallHandler } from '../exchange/host.ts'
import { failedForCaller } from './caller-line.ts'
import type { Use } from './unpack.ts'

export type ResponseHeaders = Readonly<Record<string, string | string[] | undefined>>

/** A response whose body is complete. */
export interface Collected {
  readonly status: number
  readonly headers: ResponseHeaders
  readonly body: Buffer
  /** Why the body of an error could not be read. */
  readonly unread?: string
}

/** @internal What the caller asked for, made of the whole response. */
export type Take<T> = (response: Collected, exchange: Exchange) => T | PromiseLike<T>

/** @internal Resolves the caller's promise. */
export type Settle = (value: unknown) => void

/** @internal Makes of a whole response what the caller gets. */
export interface Judge {
  outcome<T>(response: Collected, exchange: Exchange, use: Use, take: Take<T>): T | PromiseLike<T>
}

/** So much of an error's body is read; who needs more awaits the call. */
export const MOST_OF_ERROR: number = 1024 * 1024

/** @internal Calls back once: with the whole response, or the caller's promise is given one that fails. */
export class Collector implements CallHandler {
  readonly collects = true
  exchange: Exchange | undefined
  private readonly cutsErrors: boolean
  private readonly judge: Judge
  private readonly take: Take<unknown>
  private readonly use: Use
  private readonly settle: Settle
  private status = 0
  private headers: ResponseHeaders = {}
  private first: Buffer | undefined
  private more: Buffer[] | undefined
  /** How much more of an error's body is read; below 0 for no limit. (A small integer: Infinity would be an object.) */
  private room = -1
  private isCut = false

  /**
   * @param cutsErrors whether the body of a status outside 200–299 is read no further than {@link MOST_OF_ERROR}.
   * @param settle resolves the caller's promise. (Everything comes by itself, so that a call needs no functions of its
   *   own for what is to be done with its answer, and with its failure.)
   */
  constructor(cutsErrors: boolean, judge: Judge, take: Take<unknown>, use: Use, settle: Settle) {
    this.cutsErrors = cutsErrors
    this.judge = judge
    this.take = take
    this.use = use
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
    this.room = this.cutsErrors && status > 299 ? MOST_OF_ERROR : -1
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.first === undefined) this.first = chunk
    else if (this.more === undefined) this.more = [this.first, chunk]
    else this.more.push(chunk)
    if (this.room >= 0) this.count(controller, chunk.length)
  }

  private count(controller: Dispatcher.DispatchController, bytes: number): void {
    this.room -= bytes
    if (this.room >= 0) return
    this.isCut = true
    controller.abort(new Error('enough of the body of an error'))
  }

  onResponseEnd(): void {
    const body = this.more === undefined ? (this.first ?? empty) : Buffer.concat(this.more)
    const response = { status: this.status, headers: this.headers, body }
    this.settle(this.judge.outcome(response, this.exchange!, this.use, this.take))
  }

  onResponseError(_controller: unknown, error: Error): void {
    if (this.isCut) this.onResponseEnd()
    else this.settle(failedForCaller(error))
  }
}

const empty = Buffer.alloc(0)

/** UTF-8, without its byte order mark. */
export function toText(body: Buffer): string {
  const start = body.length >= 3 && body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf ? 3 : 0
  return body.toString('utf8', start)
}

export function headerText(headers: ResponseHeaders, name: string): string | undefined {
  const value = headers[name]
  return Array.isArray(value) ? value.join(', ') : value
}
