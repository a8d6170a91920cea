/** The text that Prometheus reads, in its own format or in OpenMetrics. */
import { catalog, metricNames, type MetricName } from '../metrics/catalog.ts'
import type { Attributes, Reading, Readings } from '../metrics/readings.ts'
import type { HistogramSnapshot } from '../snapshot.ts'
import { labelText, numberText } from './labels.ts'
import { familyName, prometheusName, unitOf } from './names.ts'

export type PrometheusFormat = 'text' | 'openmetrics'

/** @param fixed labels that every sample has. */
export function prometheusPage(readings: Readings, format: PrometheusFormat, fixed: Attributes): string {
  const families = metricNames.flatMap((name) => familyText(name, readings, format, fixed))
  const end = format === 'openmetrics' ? ['# EOF'] : []
  return [...families, ...end, ''].join('\n')
}

/** Nothing where nothing is known. */
function familyText(
  name: MetricName,
  readings: Readings,
  format: PrometheusFormat,
  fixed: Attributes,
): string[] {
  const row = catalog[name]
  const samples =
    row.kind === 'histogram'
      ? inOrder(readings.histogramsOf(name), fixed).flatMap((one) => bucketLines(familyName(name, row), one))
      : inOrder(readings.numbersOf(name), fixed).map(
          ({ labels, value }) => `${prometheusName(name, row)}${labels} ${numberText(value)}`,
        )
  return samples.length === 0 ? [] : [...head(name, format), ...samples]
}

function head(name: MetricName, format: PrometheusFormat): string[] {
  const row = catalog[name]
  const isOpen = format === 'openmetrics'
  const shown = isOpen ? familyName(name, row) : prometheusName(name, row)
  const unit = unitOf(row)
  const lines = [`# HELP ${shown} ${row.text}`, `# TYPE ${shown} ${row.kind}`]
  return isOpen && unit !== undefined ? [...lines, `# UNIT ${shown} ${unit}`] : lines
}

interface Labelled<T> {
  readonly labels: string
  readonly attributes: Attributes
  readonly value: T
}

/** By their labels, so that the same samples always come in the same order. */
function inOrder<T>(readings: readonly Reading<T>[], fixed: Attributes): Labelled<T>[] {
  return readings
    .map(({ attributes, value }) => {
      const own = { ...fixed, ...attributes }
      return { labels: labelText(own), attributes: own, value }
    })
    .sort((a, b) => (a.labels < b.labels ? -1 : 1))
}

function bucketLines(name: string, { labels, attributes, value }: Labelled<HistogramSnapshot>): string[] {
  let below = 0
  const buckets = value.counts.map((count, i) => {
    below += count
    const le = numberText(value.bounds[i] ?? Infinity)
    return `${name}_bucket${labelText(attributes, { le })} ${below}`
  })
  return [
    ...buckets,
    `${name}_sum${labels} ${numberText(value.sum)}`,
    `${name}_count${labels} ${value.count}`,
  ]
}
