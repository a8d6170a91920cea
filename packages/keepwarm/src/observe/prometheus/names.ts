/** How OpenTelemetry's names are spelled in Prometheus: `http.client.request.duration` is `http_client_request_duration_seconds`. */
import type { MetricRow } from '../metrics/catalog.ts'

const suffixes: Readonly<Record<string, string>> = { s: 'seconds', '1': 'ratio' }

/** The unit that stands at the end of its name; undefined for things that are counted. */
export function unitOf({ unit, kind }: MetricRow): string | undefined {
  return unit === '1' && kind !== 'gauge' ? undefined : suffixes[unit]
}

/** The name of the family: without the `_total` of a counter. */
export function familyName(name: string, row: MetricRow): string {
  const unit = unitOf(row)
  return unit === undefined ? spelled(name) : `${spelled(name)}_${unit}`
}

/** The name of a metric as it is queried, but for what a histogram appends. */
export function prometheusName(name: string, row: MetricRow): string {
  const family = familyName(name, row)
  return row.kind === 'counter' ? `${family}_total` : family
}

/** The name of a label. */
export function spelled(name: string): string {
  return name.replace(/[^a-zA-Z0-9_]/g, '_')
}
