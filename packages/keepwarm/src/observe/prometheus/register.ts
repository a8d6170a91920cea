/** keepwarm's metrics in the registry that an app has already. */
import { ConfigError } from '../../errors.ts'
import { catalog, metricNames, type MetricName, type MetricRow } from '../metrics/catalog.ts'
import { readProcess } from '../metrics/of-process.ts'
import type { Reading, Readings } from '../metrics/readings.ts'
import type { HistogramSnapshot } from '../snapshot.ts'
import { labelRecord, numberText } from './labels.ts'
import { familyName, prometheusName } from './names.ts'
import { originNamesOf, type MetricsSource } from './prometheus-text.ts'

/** A registry of `@prometheus-io/client`, of `prom-client` before it, or one like them. */
export interface PrometheusRegistry {
  registerMetric(metric: never): void
  getSingleMetric(name: string): unknown
  removeSingleMetric(name: string): void
}

interface Sample {
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
  readonly metricName?: string
}

interface Described {
  readonly name: string
  readonly help: string
  readonly type: string
  readonly aggregator: string
  readonly values: readonly Sample[]
}

/**
 * Shows all metrics in a registry, until what is returned is disposed of. Figures are read when the registry is, so that
 * they cost nothing in between; clients that are closed vanish.
 *
 * @throws ConfigError when the registry has a metric of one of the names; then none was added.
 * @example
 * import { register } from '@prometheus-io/client'
 * using _ = registerPrometheus(register, observe(clients))
 */
export function registerPrometheus(registry: PrometheusRegistry, source: MetricsSource): Disposable {
  checkRegistry(registry)
  const names = metricNames.map((name) => prometheusName(name, catalog[name]))
  const taken = names.filter((name) => registry.getSingleMetric(name) !== undefined)
  if (taken.length > 0) throw nameTaken(taken)
  const read = readOnce(source)
  for (const name of metricNames) registry.registerMetric(new RegisteredMetric(name, read) as never)
  return {
    [Symbol.dispose]: () => {
      for (const name of names) registry.removeSingleMetric(name)
    },
  }
}

/** What a registry asks of a metric. */
class RegisteredMetric {
  /** A registry for OpenMetrics cuts `_total` off, and appends it to each sample. */
  name: string
  readonly help: string
  readonly type: MetricRow['kind']
  /** How several processes become one. */
  readonly aggregator: string
  private readonly metric: MetricName
  private readonly read: () => Readings

  constructor(metric: MetricName, read: () => Readings) {
    const row: MetricRow = catalog[metric]
    this.metric = metric
    this.read = read
    this.name = prometheusName(metric, row)
    this.help = row.text
    this.type = row.kind
    this.aggregator = row.joined ?? 'sum'
  }

  // Not a promise before it has read: all metrics of one answer speak of the same moment.
  get(): Promise<Described> {
    const { name, help, type, aggregator, metric } = this
    const readings = this.read()
    const values =
      type === 'histogram'
        ? readings.histogramsOf(metric).flatMap((one) => buckets(familyName(metric, catalog[metric]), one))
        : readings
            .numbersOf(metric)
            .map(({ attributes, value }) => ({ labels: labelRecord(attributes), value }))
    return Promise.resolve({ name, help, type, aggregator, values })
  }

  /** The figures belong to the clients. */
  reset(): void {}
}

/** A registry reads all of its metrics in one go; the snapshot is taken with the first. */
function readOnce(source: MetricsSource): () => Readings {
  const origins = originNamesOf(source)
  let readings: Readings | undefined
  return () => {
    if (readings !== undefined) return readings
    readings = readProcess('snapshot' in source ? source.snapshot() : source, origins)
    queueMicrotask(() => (readings = undefined))
    return readings
  }
}

function buckets(name: string, { attributes, value }: Reading<HistogramSnapshot>): Sample[] {
  const labels = labelRecord(attributes)
  let below = 0
  const counted = value.counts.map((count, i): Sample => {
    below += count
    const le = numberText(value.bounds[i] ?? Infinity)
    return { metricName: `${name}_bucket`, labels: { le, ...labels }, value: below }
  })
  return [
    ...counted,
    { metricName: `${name}_sum`, labels, value: value.sum },
    { metricName: `${name}_count`, labels, value: value.count },
  ]
}

function checkRegistry(registry: unknown): void {
  const known = registry as Partial<Record<keyof PrometheusRegistry, unknown>> | null | undefined
  if (typeof known?.registerMetric === 'function' && typeof known.removeSingleMetric === 'function') return
  const expected =
    'the Registry of @prometheus-io/client, or one with registerMetric() and removeSingleMetric()'
  throw new ConfigError([
    { variable: 'registry', received: known === null ? 'null' : `a ${typeof known}`, expected },
  ])
}

function nameTaken(names: readonly string[]): ConfigError {
  const fix = 'dispose of what was registered before, or give keepwarm a registry of its own'
  return new ConfigError([
    {
      variable: 'registry',
      received: `one with ${names.join(', ')}`,
      expected: 'a registry without these names',
      fix,
    },
  ])
}
