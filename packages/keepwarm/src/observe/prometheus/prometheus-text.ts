import { ConfigError } from '../../errors.ts'
import { OriginNames } from '../metrics/origin-names.ts'
import { readProcess } from '../metrics/of-process.ts'
import type { ProcessSnapshot } from '../process-snapshot.ts'
import { prometheusPage, type PrometheusFormat } from './page.ts'

/** What metrics are made of: `observe(clients)`, or a snapshot of it. */
export type MetricsSource = ProcessSnapshot | { snapshot(): ProcessSnapshot }

export interface PrometheusOptions {
  /** Prometheus' own format, or OpenMetrics. Default `text`; {@link prometheusFormat} finds out what is asked for. */
  readonly format?: PrometheusFormat
  /** Labels that every sample has, such as `{ cell: 'eu-1' }`. Default: none. */
  readonly labels?: Readonly<Record<string, string>>
}

const contentTypes = {
  text: 'text/plain; version=0.0.4; charset=utf-8',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
} as const satisfies Record<PrometheusFormat, string>

/** The origins that are told apart stay the same for as long as somebody is asked again. */
const known = new WeakMap<object, OriginNames>()

/**
 * All metrics of the clients as text, for a `/metrics` of your own. Names are those of OpenTelemetry as Prometheus spells
 * them (`http_client_request_duration_seconds`); at most 64 servers are told apart, all further ones are `_other`.
 *
 * @throws ConfigError when it is given something else, such as a client
 * @example
 * const { format, contentType } = prometheusFormat(request.headers.accept)
 * response.setHeader('content-type', contentType).end(prometheusText(observed, { format }))
 */
export function prometheusText(source: MetricsSource, options: PrometheusOptions = {}): string {
  const snapshot = processSnapshotOf(source)
  const readings = readProcess(snapshot, originNamesOf(source))
  return prometheusPage(readings, options.format ?? 'text', options.labels ?? {})
}

/** A client has a `snapshot()`, too; TypeScript tells it from that of a process, JavaScript does not. */
function processSnapshotOf(source: MetricsSource): ProcessSnapshot {
  const given: unknown = source
  const isObject = typeof given === 'object' && given !== null
  const snapshot: unknown = isObject && 'snapshot' in source ? source.snapshot() : given
  const isOfProcess = typeof snapshot === 'object' && snapshot !== null && 'clients' in snapshot
  if (isOfProcess && 'process' in snapshot) return snapshot as ProcessSnapshot
  const received = isObject ? 'an object that is none' : `${typeof given}`
  const expected = 'what observe(clients) returns, or a snapshot of it'
  throw new ConfigError([{ variable: 'source', received, expected, fix: 'prometheusText(observe(clients))' }])
}

/** The format that a scrape asks for by its `accept` header. */
export function prometheusFormat(accept: string | undefined): {
  readonly format: PrometheusFormat
  readonly contentType: string
} {
  const format = /application\/openmetrics-text\s*;[^,]*version=1\.0\.0/.test(accept ?? '')
    ? 'openmetrics'
    : 'text'
  return { format, contentType: contentTypes[format] }
}

/** @internal */
export function originNamesOf(source: MetricsSource): OriginNames {
  let names = known.get(source)
  if (names === undefined) known.set(source, (names = new OriginNames()))
  return names
}
