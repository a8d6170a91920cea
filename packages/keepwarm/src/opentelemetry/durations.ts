/** Histograms: of these each value is told as it comes, with all of its attributes. */
import type { Attributes, Histogram, Meter } from '@opentelemetry/api'
import { bucketBounds } from '../observe/buckets.ts'
import type { AttemptEnd, CallEnd } from '../observe/events.ts'
import { catalog, type MetricName } from '../observe/metrics/catalog.ts'
import type { OriginNames } from '../observe/metrics/origin-names.ts'
import type { ConnectionClose, DialEnd } from '../observe/pool-events.ts'
import { errorType, given, methodOf, protocolVersion, versionOf } from './attributes.ts'
import type { OptInMetric } from './options.ts'

/** Operations that are told apart: whoever puts ids into names shall not make a time series of each. */
const MOST_OPERATIONS = 200

/** As the conventions advise for the life of connections, in seconds. */
const ofConnections = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 120, 300]
const ofCounts = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000]
const ofBytes = [100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000]

/** Those of one division into buckets. */
class Instruments {
  readonly request: Histogram
  readonly queue: Histogram
  readonly operation: Histogram

  constructor(meter: Meter, bounds: readonly number[]) {
    const make = (name: MetricName): Histogram => seconds(meter, name, catalog[name].text, bounds)
    this.request = make('http.client.request.duration')
    this.queue = make('http.client.request.time_in_queue')
    this.operation = make('keepwarm.client.operation.duration')
  }
}

export interface DurationsOptions {
  /** A meter for each division into buckets, for an instrument has but one: the default one has no suffix. */
  readonly meter: (suffix: string) => Meter
  readonly origins: OriginNames
  /** How the histograms of a client are divided, in seconds; undefined where it is not known. */
  readonly boundsOf: (client: string) => readonly number[] | undefined
  readonly optIn: ReadonlySet<OptInMetric>
  /** Whether requests are ours to count. */
  readonly ours: () => boolean
}

export class Durations {
  private readonly options: DurationsOptions
  private readonly byBounds = new Map<string, Instruments>()
  private readonly byClient = new Map<string, Instruments>()
  private readonly operations = new Set<string>()
  private readonly lookup: Histogram
  private readonly create: Histogram
  private readonly life: Histogram
  private readonly served: Histogram
  private readonly sizes: { readonly request: Histogram; readonly response: Histogram }

  constructor(options: DurationsOptions) {
    this.options = options
    const meter = options.meter('')
    const standard = bucketBounds()
    this.lookup = seconds(meter, 'dns.lookup.duration', 'How long names were looked up.', standard)
    const dialed = 'Dials that became a connection: name, TCP and TLS.'
    this.create = seconds(meter, 'keepwarm.client.connection.create_time', dialed, standard)
    const lived = 'How long connections lived.'
    this.life = seconds(meter, 'http.client.connection.duration', lived, ofConnections)
    this.served = meter.createHistogram('keepwarm.client.connection.requests', {
      ...{ unit: '{request}', description: 'Requests that a connection had served when it ended.' },
      advice: { explicitBucketBoundaries: ofCounts },
    })
    this.sizes = {
      request: bytes(meter, 'http.client.request.body.size', 'Bodies of requests, as they were sent.'),
      response: bytes(meter, 'http.client.response.body.size', 'Bodies of responses, as they came.'),
    }
  }

  attemptEnd(event: AttemptEnd): void {
    const { client, method, origin, status, connection, timings } = event
    const instruments = this.of(client)
    const version = protocolVersion(connection)
    const base = {
      'http.request.method': methodOf(method),
      ...this.options.origins.attributes(origin),
      'network.protocol.version': version,
      'keepwarm.client.name': client,
    }
    if (timings.queued !== undefined) instruments.queue.record(timings.queued / 1_000, given(base))
    const took = durationOf(event)
    if (took === undefined) return
    const attributes = given({
      ...base,
      'http.response.status_code': status,
      'error.type': errorType(event),
    })
    if (this.options.ours()) instruments.request.record(took / 1_000, attributes)
    this.recordSizes(event, attributes)
  }

  callEnd({ client, operation, duration, status, error }: CallEnd): void {
    const outcome = error?.code ?? (status === undefined ? undefined : `${Math.floor(status / 100)}xx`)
    const attributes = given({
      'keepwarm.client.name': client,
      'keepwarm.operation': operation === undefined ? undefined : this.known(operation),
      outcome,
    })
    this.of(client).operation.record(duration / 1_000, attributes)
  }

  dialEnd({ origin, outcome, duration, dns, code }: DialEnd): void {
    const server = this.options.origins.attributes(origin)
    const { 'server.address': name } = server
    if (dns !== undefined && name !== undefined) {
      this.lookup.record(dns / 1_000, given({ 'dns.question.name': name, 'error.type': lookupFault(code) }))
    }
    if (outcome === 'opened') this.create.record(duration / 1_000, given(server))
  }

  connectionClose({ origin, protocol, age, requests, closed }: ConnectionClose): void {
    const server = this.options.origins.attributes(origin)
    this.served.record(requests, given({ ...server, reason: closed }))
    if (!this.options.optIn.has('http.client.connection.duration')) return
    this.life.record(age / 1_000, given({ ...server, 'network.protocol.version': versionOf(protocol) }))
  }

  /** Of bodies that were whole. */
  private recordSizes(event: AttemptEnd, attributes: Attributes): void {
    const { optIn } = this.options
    const { requestBytes, responseBytes, timings, phase, code } = event
    if (timings.headers !== undefined && optIn.has('http.client.request.body.size'))
      this.sizes.request.record(requestBytes, attributes)
    if (phase === 'body' && code === undefined && optIn.has('http.client.response.body.size'))
      this.sizes.response.record(responseBytes, attributes)
  }

  private of(client: string): Instruments {
    let instruments = this.byClient.get(client)
    if (instruments === undefined) this.byClient.set(client, (instruments = this.divided(client)))
    return instruments
  }

  private divided(client: string): Instruments {
    const bounds = this.options.boundsOf(client) ?? bucketBounds()
    const key = bounds.join()
    let instruments = this.byBounds.get(key)
    if (instruments !== undefined) return instruments
    const suffix = key === bucketBounds().join() ? '' : `.${client}`
    this.byBounds.set(key, (instruments = new Instruments(this.options.meter(suffix), bounds)))
    return instruments
  }

  private known(operation: string): string {
    const { operations } = this
    if (operations.size < MOST_OPERATIONS) operations.add(operation)
    return operations.has(operation) ? operation : '_other'
  }
}

/**
 * What the server took: from the first byte written to the end. An attempt that got no connection from the server counts
 * with all of its time; one that we refused ourselves, or that was given up before it went out, is no request.
 */
function durationOf({ timings, code, duration }: AttemptEnd): number | undefined {
  const { send, headers = 0, download = 0 } = timings
  if (send !== undefined) return send + headers + download
  return code === 'connect' ? duration : undefined
}

/** A dial that failed later has looked its name up all the same. */
function lookupFault(code: string | undefined): string | undefined {
  return code === 'ENOTFOUND' || code === 'EAI_AGAIN' ? code : undefined
}

function seconds(meter: Meter, name: string, description: string, bounds: readonly number[]): Histogram {
  return meter.createHistogram(name, {
    unit: 's',
    description,
    advice: { explicitBucketBoundaries: [...bounds] },
  })
}

function bytes(meter: Meter, name: string, description: string): Histogram {
  return meter.createHistogram(name, {
    unit: 'By',
    description,
    advice: { explicitBucketBoundaries: ofBytes },
  })
}
