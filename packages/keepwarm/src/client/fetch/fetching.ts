/**
 * One fetch, from the request to the response's last byte: the handler of its exchange.
 *
 *     begin ──▶ headers ──▶ response given ──▶ body arrives in its feed
 *                  └── a redirect that is followed: its body is read away (see LONGEST_DUMP), then the next begins
 */
import type { Readable } from 'node:stream'
import type { Dispatcher } from 'undici'
import { KeepwarmError } from '../../errors.ts'
import type { Exchange } from '../../exchange/exchange.ts'
import type { CallHandler } from '../../exchange/host.ts'
import type { Timer } from '../../runtime.ts'
import { headerText, type ResponseHeaders } from '../collect.ts'
import { planAbroad } from '../hooks.ts'
import { isRedirect } from '../redirects/rules.ts'
import { closeUnsent } from '../wire-request.ts'
import { BodyFeed } from './body-feed.ts'
import { failed, fetchError } from './fetch-error.ts'
import type { FetchHost } from './fetch-host.ts'
import type { FetchRequest } from './fetch-request.ts'
import { newResponse } from './fetch-response.ts'
import { isSmall, pathOf, planOf, subject, withoutFragment } from './fetch-wire.ts'
import { packing } from './packing.ts'
import { redirected } from './redirect.ts'

interface Settle {
  resolve(response: Response | Promise<never>): void
}

/** Where redirects have led so far. */
interface Way {
  readonly followed: number
  readonly abroad: boolean
  /** When the whole must be over. */
  readonly deadline: number
  /** The call that led here, where somebody watched it. */
  readonly follows?: number | undefined
}

const start: Way = { followed: 0, abroad: false, deadline: Infinity }

/** The body of a redirect is read away, so that its connection can serve again: so many bytes, and so many ms. */
const MOST_DUMPED = 65_536
const LONGEST_DUMP = 1_000

export class Fetching implements CallHandler {
  private readonly host: FetchHost
  private readonly request: FetchRequest
  private readonly way: Way
  /** Until the response is given. A promise holds what it was resolved with, and nobody shall hold an unread response. */
  private settle: Settle | undefined
  private exchange: Exchange | undefined
  private feed: BodyFeed | undefined
  private next: FetchRequest | undefined
  private dumped = 0
  private timer: Timer | undefined

  constructor(host: FetchHost, request: FetchRequest, settle: Settle, way: Way = start) {
    this.host = host
    this.request = request
    this.settle = settle
    this.way = way
  }

  begin(): void {
    const { host, request, way } = this
    const { url, method, body, priority, signal } = request
    const { calls, every } = host
    const upload: Readable | undefined = body?.once
    if (signal?.aborted === true) {
      closeUnsent(upload)
      return this.reject(signal.reason)
    }
    const wire = {
      origin: url.origin,
      path: pathOf(url),
      method,
      headers: every.headersOf(this.request, this.way.abroad),
      body: body?.whole ?? upload ?? null,
      idempotent: undefined,
      priority,
      headersTimeout: 0,
      bodyTimeout: 0,
    }
    const plan = planOf(request, host, way.deadline)
    calls.begin(
      way.abroad ? planAbroad(plan) : plan,
      wire as unknown as Dispatcher.DispatchOptions,
      this,
      upload,
    )
  }

  get follows(): number | undefined {
    return this.way.follows
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.exchange = controller as Exchange
  }

  onResponseStart(_controller: unknown, status: number, headers: ResponseHeaders, text?: string): void {
    if (status < 200 || this.settle === undefined) return
    const { redirect } = this.request
    if (isRedirect(status) && redirect !== 'manual') {
      if (redirect === 'error') return this.refuse('it was redirected, and its `redirect` is "error"')
      if (headers['location'] !== undefined) return this.follow(status, headers)
    }
    this.respond(status, headers, text ?? '')
  }

  onResponseData(_controller: unknown, chunk: Buffer): void {
    if (this.feed !== undefined) this.feed.arrived(chunk)
    else if (this.next !== undefined && (this.dumped += chunk.length) > MOST_DUMPED) this.leave()
  }

  onResponseEnd(): void {
    if (this.feed !== undefined) this.feed.complete()
    else this.goOn()
  }

  onResponseError(_controller: unknown, error: Error): void {
    if (this.feed !== undefined) return this.feed.broke(error)
    const { signal } = this.request
    if (signal?.aborted === true) this.reject(signal.reason)
    else if (this.next === undefined) this.reject(fetchError(error))
    else this.goOn()
  }

  private respond(status: number, headers: ResponseHeaders, statusText: string): void {
    const { request, host, settle } = this
    const { url, method, signal } = request
    const hasBody = method !== 'HEAD' && status !== 204 && status !== 205 && status !== 304
    const packed = hasBody ? packing(headers['content-encoding'], request, host) : undefined
    if (typeof packed === 'string') return this.refuse(packed)
    this.feed = hasBody ? new BodyFeed(this.exchange!, signal) : undefined
    this.settle = undefined
    const facts = {
      ...{ status, statusText, headers, packed, feed: this.feed },
      url: withoutFragment(url),
      redirected: this.way.followed > 0,
      abroad: this.way.abroad,
    }
    settle!.resolve(newResponse(facts, !isSmall(headers)))
  }

  // ── redirects ──────────────────────────────────────────────────────────────────────────────────────────────

  private follow(status: number, headers: ResponseHeaders): void {
    const { request, way, host } = this
    const next = redirected(request, status, headerText(headers, 'location')!, way.followed)
    if (next instanceof Error) return this.refuse(next.message)
    this.next = next
    if (Number(headers['content-length'] ?? 0) > MOST_DUMPED) return this.leave()
    this.timer = host.runtime.after(LONGEST_DUMP, () => this.leave())
  }

  /** The rest of the redirect's body is not worth reading. */
  private leave(): void {
    this.exchange?.abort(new Error('the rest of the body of a redirect'))
  }

  private goOn(): void {
    this.timer?.cancel()
    const { host, next, settle, way } = this
    if (next === undefined || settle === undefined) return
    this.settle = this.next = undefined
    const abroad = way.abroad || next.url.origin !== this.request.url.origin
    const deadline = Math.min(way.deadline, this.exchange!.clock.deadline)
    const follows = this.exchange!.trail?.call
    new Fetching(host, next, settle, { followed: way.followed + 1, abroad, deadline, follows }).begin()
  }

  private refuse(why: string): void {
    const { exchange, request } = this
    const error = new KeepwarmError('protocol', `${subject(request)} failed: ${why}`, {
      phase: 'headers',
      sent: 'maybe',
    })
    this.reject(fetchError(error))
    exchange?.abort(error)
  }

  private reject(reason: unknown): void {
    const { settle } = this
    this.settle = this.next = undefined
    this.timer?.cancel()
    settle?.resolve(failed(reason))
  }
}
