/**
 * The spans of calls and of their attempts:
 *
 *     the caller's span
 *     └─ INTERNAL orders.list                       the call
 *        ├─ CLIENT GET                              its attempt; its context goes out as traceparent
 *        │  └─ INTERNAL wait_for_connection         if it had to wait
 *        └─ CLIENT GET   http.request.resend_count 1
 *
 * An attempt's span ends with the last byte of its body, or whatever else ended it.
 */
import {
  context,
  SpanKind,
  SpanStatusCode,
  trace,
  type Context,
  type Link,
  type Span,
  type TextMapPropagator,
  type Tracer,
} from '@opentelemetry/api'
import type { AttemptEnd, AttemptStart, CallEnd, CallStart } from '../observe/events.ts'
import type { WaitEnd, WaitStart } from '../observe/pool-events.ts'
import { errorType, given, methodOf, OTHER_METHOD, peerOf, protocolVersion, serverOf } from './attributes.ts'
import { redactUrl } from './redact-url.ts'

/** Answers whose call may be followed by another, whose span then belongs beside it. */
const MOST_HOPS = 1_000

interface TracedCall {
  readonly inside: Context
  readonly span: Span
  /** Attempts of the calls that it was redirected from. */
  readonly before: number
  readonly attempts: Map<number, Span>
  isOver: boolean
}

export interface CallSpansOptions {
  readonly tracer: Tracer
  readonly propagator: Pick<TextMapPropagator, 'inject'>
  readonly redactQuery: 'all' | readonly string[]
  /** Whether attempts are ours to tell. */
  readonly ours: () => boolean
  /** To the span in which the connection was made. */
  readonly linkTo: (client: string, connection: number) => Link | undefined
}

export class CallSpans {
  private readonly options: CallSpansOptions
  private readonly calls = new Map<number, TracedCall>()
  private readonly waits = new Map<number, Span>()
  /** Attempts of calls that were answered with a redirect. */
  private readonly hops = new Map<number, number>()

  constructor(options: CallSpansOptions) {
    this.options = options
  }

  callStart(event: CallStart): void {
    const { call, client, method, operation, redirectedFrom } = event
    const before = redirectedFrom === undefined ? undefined : this.hops.get(redirectedFrom)
    if (redirectedFrom !== undefined) this.hops.delete(redirectedFrom)
    const outside = context.active()
    const attributes = given({
      'keepwarm.client.name': client,
      'keepwarm.operation': operation,
      'http.request.method': methodOf(method),
      ...serverOf(event.origin),
    })
    const name = operation ?? `${shownMethod(method)} ${client}`
    const span = this.options.tracer.startSpan(name, { kind: SpanKind.INTERNAL, attributes }, outside)
    const inside = trace.setSpan(outside, span)
    this.calls.set(call, {
      inside,
      span,
      before: before ?? 0,
      attempts: new Map(),
      isOver: false,
    })
  }

  callEnd({ call, status, error, attempts }: CallEnd): void {
    const traced = this.calls.get(call)
    if (traced === undefined) return
    const { span } = traced
    const cancelled = error?.code === 'aborted'
    span.setAttributes(given({ 'http.response.status_code': status, 'keepwarm.attempts': attempts }))
    fail(span, errorType({ status, code: error?.code, cancelled }), error?.message)
    if (cancelled) span.setAttribute('keepwarm.cancelled', true)
    span.end()
    if (status !== undefined && status >= 300 && status < 400) this.mayGoOn(call, traced.before + attempts)
    traced.isOver = true
    if (traced.attempts.size === 0) this.calls.delete(call)
  }

  attemptStart(event: AttemptStart): void {
    const traced = this.calls.get(event.call)
    if (traced === undefined || !this.options.ours()) return
    const { tracer, propagator, redactQuery } = this.options
    const { client, attempt, method, origin, why, reason, url } = event
    const resent = traced.before + attempt - 1
    const attributes = given({
      'http.request.method': methodOf(method),
      'http.request.method_original': methodOf(method) === OTHER_METHOD ? method : undefined,
      ...serverOf(origin),
      'url.full': redactUrl(url, redactQuery),
      'http.request.resend_count': resent > 0 ? resent : undefined,
      'keepwarm.client.name': client,
      'keepwarm.attempt.reason': reason ?? why,
    })
    const span = tracer.startSpan(shownMethod(method), { kind: SpanKind.CLIENT, attributes }, traced.inside)
    traced.attempts.set(attempt, span)
    const set = (_: unknown, name: string, value: string): void => event.setHeader(name, value)
    propagator.inject(trace.setSpan(traced.inside, span), undefined, { set })
  }

  attemptEnd(event: AttemptEnd): void {
    const { call, attempt } = event
    const traced = this.calls.get(call)
    const span = traced?.attempts.get(attempt)
    if (traced === undefined || span === undefined) return
    if (span.isRecording()) this.describe(span, event)
    span.end()
    traced.attempts.delete(attempt)
    if (traced.isOver && traced.attempts.size === 0) this.calls.delete(call)
  }

  private describe(span: Span, event: AttemptEnd): void {
    const { client, status, connection, message, cancelled } = event
    span.setAttributes({
      ...given({
        'http.response.status_code': status,
        'network.protocol.version': protocolVersion(connection),
        'keepwarm.connection.id': connection?.id,
      }),
      ...peerOf(connection?.address),
      ...(connection !== undefined && { 'keepwarm.connection.reused': connection.reused }),
      ...(cancelled && { 'keepwarm.cancelled': true }),
      ...phaseAttributes(event),
    })
    const link = connection === undefined ? undefined : this.options.linkTo(client, connection.id)
    if (link !== undefined) span.addLink(link)
    fail(span, errorType(event), message)
  }

  waitStart(event: WaitStart): void {
    const { wait, call, attempt, origin, group } = event
    const traced = call === undefined ? undefined : this.calls.get(call)
    if (traced === undefined) return
    const around = attempt === undefined ? undefined : traced.attempts.get(attempt)
    const parent = around === undefined ? traced.inside : trace.setSpan(traced.inside, around)
    const attributes = given({
      ...serverOf(origin),
      'keepwarm.endpoint.group': group,
      'keepwarm.waiting': event.waiting,
    })
    this.waits.set(wait, this.options.tracer.startSpan('wait_for_connection', { attributes }, parent))
  }

  waitEnd({ wait, outcome }: WaitEnd): void {
    const span = this.waits.get(wait)
    if (span === undefined) return
    this.waits.delete(wait)
    if (outcome !== 'leased' && outcome !== 'left') fail(span, outcome, undefined)
    span.end()
  }

  /** Nobody listens any more: what is under way ends here. */
  [Symbol.dispose](): void {
    for (const span of this.waits.values()) span.end()
    for (const { span, attempts, isOver } of this.calls.values()) {
      for (const attempt of attempts.values()) attempt.end()
      if (!isOver) span.end()
    }
    this.calls.clear()
    this.waits.clear()
  }

  private mayGoOn(call: number, attempts: number): void {
    const { hops } = this
    if (hops.size >= MOST_HOPS) hops.delete(hops.keys().next().value!)
    hops.set(call, attempts)
  }
}

function shownMethod(method: string): string {
  const known = methodOf(method)
  return known === OTHER_METHOD ? 'HTTP' : known
}

function fail(span: Span, type: string | undefined, message: string | undefined): void {
  if (type === undefined) return
  span.setAttribute('error.type', type)
  span.setStatus(
    message === undefined ? { code: SpanStatusCode.ERROR } : { code: SpanStatusCode.ERROR, message },
  )
}

/** In seconds, as all durations of OpenTelemetry. */
function phaseAttributes({ timings }: AttemptEnd): Record<string, number> {
  const { queued, connect, send, headers, download } = timings
  const phases = { queue: queued, connect: connect?.total, send, headers, download }
  const known = Object.entries(phases).filter((pair): pair is [string, number] => pair[1] !== undefined)
  return Object.fromEntries(known.map(([name, ms]) => [`keepwarm.phase.${name}`, ms / 1_000]))
}
