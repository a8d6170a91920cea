/** The real SDK of OpenTelemetry, whose spans and metrics stay in memory. */
import { context, SpanKind, type Attributes, type Tracer } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { W3CTraceContextPropagator } from '@opentelemetry/core'
import {
  DataPointType,
  MeterProvider,
  MetricReader,
  type Histogram,
  type MetricData,
} from '@opentelemetry/sdk-metrics'
import {
  InMemorySpanExporter,
  SimpleSpanProcessor,
  TracerProvider,
  type ReadableSpan,
} from '@opentelemetry/sdk-trace'

class Reader extends MetricReader {
  protected override onShutdown(): Promise<void> {
    return Promise.resolve()
  }
  protected override onForceFlush(): Promise<void> {
    return Promise.resolve()
  }
}

export interface Point {
  readonly attributes: Attributes
  readonly value: number
  /** Of a histogram: what was summed, and its bounds. */
  readonly sum?: number
  readonly bounds?: readonly number[]
}

export interface Metric {
  readonly unit: string
  readonly description: string
  readonly kind: 'histogram' | 'sum' | 'counter' | 'gauge'
  readonly scope: string
  readonly points: readonly Point[]
}

export class Telemetry implements AsyncDisposable {
  readonly exporter: InMemorySpanExporter = new InMemorySpanExporter()
  readonly tracerProvider: TracerProvider = new TracerProvider({
    spanProcessors: [new SimpleSpanProcessor({ exporter: this.exporter })],
  })
  readonly propagator: W3CTraceContextPropagator = new W3CTraceContextPropagator()
  readonly tracer: Tracer = this.tracerProvider.getTracer('test')
  private readonly reader = new Reader()
  readonly meterProvider: MeterProvider = new MeterProvider({ readers: [this.reader] })

  constructor() {
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
  }

  /** Runs within a span of the test's own. */
  within<T>(name: string, run: () => Promise<T>): Promise<T> {
    return this.tracer.startActiveSpan(name, async (span) => {
      try {
        return await run()
      } finally {
        span.end()
      }
    })
  }

  /** Those that are over, by name or kind, in the order in which they began. */
  spans(which?: string | SpanKind): ReadableSpan[] {
    return this.exporter
      .getFinishedSpans()
      .filter(({ name, kind }) => which === undefined || name === which || kind === which)
      .sort((a, b) => a.startTime[0] - b.startTime[0] || a.startTime[1] - b.startTime[1])
  }

  /** The only one of its name. */
  span(name: string): ReadableSpan {
    const [span, ...others] = this.spans(name)
    if (span === undefined || others.length > 0) {
      const all = this.spans().map((one) => `${SpanKind[one.kind]} ${one.name}`)
      throw new Error(`not one span named "${name}" among ${all.join(', ')}`)
    }
    return span
  }

  /** All metrics as they are now, by name. */
  async metrics(): Promise<Record<string, Metric>> {
    const { resourceMetrics, errors } = await this.reader.collect()
    if (errors.length > 0) throw new AggregateError(errors, 'metrics could not be collected')
    const all = resourceMetrics.scopeMetrics.flatMap(({ scope, metrics }) =>
      metrics.map((data) => [data.descriptor.name, asMetric(data, scope.name)] as const),
    )
    const byName: Record<string, Metric> = {}
    for (const [name, metric] of all) {
      const before = byName[name]
      byName[name] =
        before === undefined ? metric : { ...before, points: [...before.points, ...metric.points] }
    }
    return byName
  }

  async [Symbol.asyncDispose](): Promise<void> {
    context.disable()
    await this.tracerProvider.shutdown()
    await this.meterProvider.shutdown()
  }
}

function asMetric({ descriptor, dataPointType, dataPoints, ...data }: MetricData, scope: string): Metric {
  const isMonotonic = 'isMonotonic' in data && data.isMonotonic
  const kinds = {
    [DataPointType.HISTOGRAM]: 'histogram',
    [DataPointType.EXPONENTIAL_HISTOGRAM]: 'histogram',
    [DataPointType.GAUGE]: 'gauge',
    [DataPointType.SUM]: isMonotonic ? 'counter' : 'sum',
  } as const
  const points = dataPoints.map(({ attributes, value }): Point => {
    if (typeof value === 'number') return { attributes, value }
    const { count, sum = 0, buckets } = value as Histogram
    return { attributes, value: count, sum, bounds: buckets.boundaries }
  })
  return { ...descriptor, kind: kinds[dataPointType], scope, points }
}

export function parentOf(span: ReadableSpan): string | undefined {
  return span.parentSpanContext?.spanId
}

export function idOf(span: ReadableSpan): string {
  return span.spanContext().spanId
}
