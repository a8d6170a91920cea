/**
 * A call that follows redirects: the handler of each of its exchanges in turn, until one answers with something else.
 *
 *     begin ──▶ headers ──▶ an answer: the caller's from here on
 *       ▲          └── a redirect: its body is read away, up to a limit
 *       └── on to where it leads ──┘
 *
 * All of them share one deadline. An exchange that follows is a call of its own to the figures.
 */
import type { Readable } from 'node:stream'
import type { Dispatcher } from 'undici'
import { KeepwarmError } from '../../errors.ts'
import type { Exchange } from '../../exchange/exchange.ts'
import type { CallHandler, Headers } from '../../exchange/host.ts'
import type { CallPlan } from '../../exchange/plan.ts'
import { subject } from '../../exchange/texts.ts'
import type { DispatchOptions } from '../../pool/lease.ts'
import type { Runtime, Timer } from '../../runtime.ts'
import type { Calls } from '../calls.ts'
import { headerText } from '../collect.ts'
import { planAbroad } from '../hooks.ts'
import { nextRequest } from './next-request.ts'
import { isRedirect } from './rules.ts'

export interface JourneyHost {
  readonly runtime: Runtime
  readonly calls: Calls
  /** Origins of one service, which may know the same secrets. */
  readonly endpoints: readonly string[]
}

/** The body of a redirect is read away, so that its connection can serve again: so many bytes, and so many ms. */
const MOST_READ = 65_536
const LONGEST_READ = 1_000

type Controller = Dispatcher.DispatchController

export class Journey implements CallHandler {
  readonly collects: boolean
  private readonly host: JourneyHost
  private readonly handler: CallHandler
  private readonly most: number
  private followed = 0
  private plan: CallPlan
  private request: DispatchOptions | undefined
  private isOnce = false
  private exchange: Exchange | undefined
  private next: DispatchOptions | undefined
  private read = 0
  private timer: Timer | undefined

  /** @param most redirects that are followed. */
  constructor(host: JourneyHost, plan: CallPlan, handler: CallHandler, most: number) {
    this.host = host
    this.plan = plan
    this.handler = handler
    this.most = most
    this.collects = handler.collects === true
  }

  /** The call before this one, whose answer led here. */
  get follows(): number | undefined {
    return this.exchange?.trail?.call
  }

  begin(request: DispatchOptions, upload: Readable | undefined): void {
    this.request = request
    this.isOnce = upload !== undefined && this.plan.makeBody === undefined
    this.host.calls.begin(this.plan, request, this, upload)
  }

  onRequestStart(controller: Controller, context: object): void {
    this.exchange = controller as Exchange
    this.handler.onRequestStart?.(controller, context)
  }

  onBodySent(chunk: Buffer): void {
    this.handler.onBodySent?.(chunk)
  }

  onRequestSent(): void {
    this.handler.onRequestSent?.()
  }

  onResponseStarted(): void {
    this.handler.onResponseStarted?.()
  }

  onResponseStart(controller: Controller, status: number, headers: Headers, text?: string): void {
    const location = isRedirect(status) ? headerText(headers, 'location') : undefined
    if (location === undefined) return this.handler.onResponseStart?.(controller, status, headers, text)
    this.follow(status, location, headers)
  }

  onResponseData(controller: Controller, chunk: Buffer): void {
    if (this.next === undefined) return this.handler.onResponseData?.(controller, chunk)
    this.read += chunk.length
    if (this.read > MOST_READ) this.leave()
  }

  onResponseEnd(controller: Controller, trailers: Headers): void {
    if (this.next === undefined) this.handler.onResponseEnd?.(controller, trailers)
    else this.goOn(this.next)
  }

  onResponseError(controller: Controller, error: Error): void {
    const { next, plan } = this
    if (next === undefined || plan.signal?.aborted === true || isOver(this.exchange))
      this.handler.onResponseError?.(controller, error)
    else this.goOn(next)
  }

  private follow(status: number, location: string, headers: Headers): void {
    const { host, request, isOnce } = this
    const isOneService = (a: string, b: string): boolean => this.isOneService(a, b)
    const next =
      this.followed < this.most
        ? nextRequest(request!, { status, location, isOneService }, isOnce)
        : `it was redirected more than ${times(this.most)} (followRedirects)`
    if (typeof next === 'string') return this.refuse(next)
    this.next = next
    this.read = 0
    if (Number(headers['content-length'] ?? 0) > MOST_READ) return this.leave()
    this.timer = host.runtime.after(LONGEST_READ, () => this.leave())
  }

  /** The rest of the redirect's body is not worth reading. */
  private leave(): void {
    this.exchange!.abort(new Error('the rest of the body of a redirect'))
  }

  private goOn(next: DispatchOptions): void {
    const { host, exchange, plan, request } = this
    this.timer?.cancel()
    this.next = undefined
    this.followed++
    const total = Math.max(0, exchange!.clock.deadline - host.runtime.now())
    const makeBody = next.method === request!.method ? plan.makeBody : undefined
    const kept = this.isOneService(String(request!.origin), String(next.origin)) ? plan : planAbroad(plan)
    this.plan = { ...kept, makeBody, timeouts: { ...plan.timeouts, total } }
    this.begin(next, undefined)
  }

  private isOneService(origin: string, other: string): boolean {
    const { endpoints } = this.host
    return origin === other || (endpoints.includes(origin) && endpoints.includes(other))
  }

  private refuse(why: string): void {
    const exchange = this.exchange!
    const facts = { phase: 'headers', sent: 'maybe', attempts: exchange.ledger.attempts } as const
    const error = new KeepwarmError('protocol', `${subject(exchange)} failed: ${why}`, facts)
    exchange.abort(error)
  }
}

/** The call is: its time is up, or its client was closed. */
function isOver(exchange: Exchange | undefined): boolean {
  return exchange !== undefined && exchange.clock.now >= exchange.clock.deadline
}

function times(count: number): string {
  return count === 1 ? 'once' : `${count} times`
}
