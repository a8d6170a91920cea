/**
 * A dial has a trace of its own, for it serves whoever waits and outlives who left: `connection_setup`, to which the
 * spans of the attempts that its connection carried lead.
 */
import { ROOT_CONTEXT, SpanStatusCode, type Link, type Span, type Tracer } from '@opentelemetry/api'
import type { ConnectionClose, DialEnd, DialStart } from '../observe/pool-events.ts'
import { given, serverOf } from './attributes.ts'

type OfConnection = Pick<DialStart, 'pool' | 'connection'>

export class DialSpans {
  private readonly tracer: Tracer
  /** Of connections that are dialed, or open. */
  private readonly spans = new Map<string, Span>()

  constructor(tracer: Tracer) {
    this.tracer = tracer
  }

  dialStart(event: DialStart): void {
    const attributes = given({
      ...serverOf(event.origin),
      'keepwarm.dial.reason': event.reason,
      'keepwarm.connection.id': event.connection,
    })
    const span = this.tracer.startSpan('connection_setup', { root: true, attributes }, ROOT_CONTEXT)
    this.spans.set(keyOf(event), span)
  }

  dialEnd(event: DialEnd): void {
    const span = this.spans.get(keyOf(event))
    if (span === undefined) return
    const { outcome, code, message, dns, tcp, tls } = event
    const seconds = (ms: number | undefined): number | undefined =>
      ms === undefined ? undefined : ms / 1_000
    span.setAttributes(
      given({
        'keepwarm.dial.outcome': outcome,
        'keepwarm.phase.dns': seconds(dns),
        'keepwarm.phase.tcp': seconds(tcp),
        'keepwarm.phase.tls': seconds(tls),
      }),
    )
    if (outcome === 'failed') {
      span.setAttribute('error.type', code ?? 'connect')
      span.setStatus({ code: SpanStatusCode.ERROR, ...(message !== undefined && { message }) })
    }
    span.end()
    if (outcome !== 'opened') this.spans.delete(keyOf(event))
  }

  connectionClose(event: ConnectionClose): void {
    this.spans.delete(keyOf(event))
  }

  linkTo(pool: number | undefined, connection: number): Link | undefined {
    if (pool === undefined) return undefined
    const span = this.spans.get(keyOf({ pool, connection }))
    return span === undefined ? undefined : { context: span.spanContext() }
  }

  [Symbol.dispose](): void {
    for (const span of this.spans.values()) span.end()
    this.spans.clear()
  }
}

function keyOf({ pool, connection }: OfConnection): string {
  return `${pool}/${connection}`
}
