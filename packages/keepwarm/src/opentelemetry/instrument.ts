import { metrics, propagation, trace, type Meter } from '@opentelemetry/api'
import { subscribeEvents, type EventListeners } from '../observe/channels.ts'
import { OriginNames } from '../observe/metrics/origin-names.ts'
import { lister } from '../observe/observed-list.ts'
import { observe, type Observed } from '../observe/observe.ts'
import { CallSpans } from './call-spans.ts'
import { DialSpans } from './dial-spans.ts'
import { Durations } from './durations.ts'
import { observeGauges } from './gauges.ts'
import { Members } from './members.ts'
import { checkOptions, type InstrumentOptions } from './options.ts'
import { SCOPE, VERSION } from './scope.ts'
import { whoseRequests } from './whose.ts'

/**
 * Traces and metrics of clients through OpenTelemetry, until what is returned is disposed of: a span for each call with a
 * CLIENT span for each attempt, whose context goes out with it, and the metrics of the conventions beside keepwarm's own.
 * See docs/telemetry.md. Health checks are no part of it.
 *
 * @throws ConfigError naming every option that is wrong.
 * @example
 * using _ = instrument({ clients, optIn: ['http.client.open_connections'] })
 */
export function instrument(options: InstrumentOptions): Disposable {
  checkOptions(options)
  const stack = new DisposableStack()
  const observed = stack.use(observe(options.clients)) // it knows what clients are
  const members = new Members(options.clients)
  const ours = whoseRequests(options.requests ?? 'auto')
  if (options.traces !== false) stack.use(startTraces(options, members, ours))
  if (options.metrics !== false) stack.use(startMetrics(options, members, ours, observed))
  return stack
}

function startTraces(options: InstrumentOptions, members: Members, ours: () => boolean): Disposable {
  const tracer = (options.tracerProvider ?? trace.getTracerProvider()).getTracer(SCOPE, VERSION)
  const dials = new DialSpans(tracer)
  const calls = new CallSpans({
    tracer,
    ours,
    propagator: options.propagator ?? propagation,
    redactQuery: options.redactQuery ?? [],
    linkTo: (client, connection) => dials.linkTo(members.poolOf(client), connection),
  })
  const stack = new DisposableStack()
  stack.use(calls)
  stack.use(dials)
  stack.use(
    subscribeEvents({
      'call:start': (event) => void (members.began(event) && calls.callStart(event)),
      'call:end': (event) => void (members.ended(event) && calls.callEnd(event)),
      'attempt:start': (event) => void (members.follows(event) && calls.attemptStart(event)),
      'attempt:end': (event) => void (members.follows(event) && calls.attemptEnd(event)),
      'wait:start': (event) => calls.waitStart(event),
      'wait:end': (event) => calls.waitEnd(event),
      'dial:start': (event) => void (members.hasPool(event.pool) && dials.dialStart(event)),
      'dial:end': (event) => dials.dialEnd(event),
      'connection:close': (event) => dials.connectionClose(event),
    }),
  )
  return stack
}

function startMetrics(
  options: InstrumentOptions,
  members: Members,
  ours: () => boolean,
  observed: Observed,
): Disposable {
  const provider = options.meterProvider ?? metrics.getMeterProvider()
  const meter = (suffix: string): Meter => provider.getMeter(`${SCOPE}${suffix}`, VERSION)
  const origins = new OriginNames()
  const optIn = new Set(options.optIn)
  const list = lister(options.clients)
  const boundsOf = (client: string): readonly number[] | undefined =>
    list()
      .clients.map((one) => one.snapshot())
      .find(({ name }) => name === client)?.histograms.call.bounds
  const durations = new Durations({ meter, origins, optIn, ours, boundsOf })
  const stack = new DisposableStack()
  stack.use(observeGauges({ meter: meter(''), origins, optIn, snapshot: () => observed.snapshot() }))
  stack.use(subscribeEvents(durationListeners(durations, members)))
  return stack
}

function durationListeners(durations: Durations, members: Members): EventListeners {
  return {
    'call:start': (event) => void members.began(event),
    'call:end': (event) => void (members.ended(event) && durations.callEnd(event)),
    'attempt:end': (event) => void (members.follows(event) && durations.attemptEnd(event)),
    'dial:end': (event) => void (members.hasPool(event.pool) && durations.dialEnd(event)),
    'connection:close': (event) => void (members.hasPool(event.pool) && durations.connectionClose(event)),
  }
}
