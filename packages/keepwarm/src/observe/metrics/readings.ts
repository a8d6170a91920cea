/** What the metrics are at one moment, by their attributes. Whatever has the same attributes becomes one value. */
import type { HistogramSnapshot } from '../snapshot.ts'
import { catalog, type MetricName } from './catalog.ts'

/** Names as OpenTelemetry has them: `server.address`. What is undefined is left out. */
export type Attributes = Readonly<Record<string, string | number | undefined>>

export interface Reading<T = number> {
  readonly attributes: Attributes
  readonly value: T
}

export class Readings {
  private readonly numbers = new Map<MetricName, Map<string, Reading>>()
  private readonly histograms = new Map<MetricName, Map<string, Reading<HistogramSnapshot>>>()

  add(metric: MetricName, attributes: Attributes, value: number): void {
    const series = seriesOf(this.numbers, metric)
    const key = JSON.stringify(attributes)
    const before = series.get(key)?.value
    const join = catalog[metric].joined === 'max' ? Math.max : sum
    series.set(key, { attributes, value: before === undefined ? value : join(before, value) })
  }

  /** One value for each name of a record. */
  addEach(
    metric: MetricName,
    attributes: Attributes,
    by: string,
    values: Readonly<Record<string, number>>,
  ): void {
    for (const name in values) this.add(metric, { ...attributes, [by]: name }, values[name]!)
  }

  /** 1 for the state that it is in, 0 for the others. */
  addState(
    metric: MetricName,
    attributes: Attributes,
    by: string,
    states: readonly string[],
    now: string,
  ): void {
    for (const state of states) this.add(metric, { ...attributes, [by]: state }, state === now ? 1 : 0)
  }

  addHistogram(metric: MetricName, attributes: Attributes, value: HistogramSnapshot): void {
    const series = seriesOf(this.histograms, metric)
    const key = JSON.stringify(attributes)
    const before = series.get(key)?.value
    series.set(key, { attributes, value: before === undefined ? value : joined(before, value) })
  }

  numbersOf(metric: MetricName): Reading[] {
    return [...(this.numbers.get(metric)?.values() ?? [])]
  }

  histogramsOf(metric: MetricName): Reading<HistogramSnapshot>[] {
    return [...(this.histograms.get(metric)?.values() ?? [])]
  }
}

function seriesOf<T>(all: Map<MetricName, Map<string, T>>, metric: MetricName): Map<string, T> {
  let series = all.get(metric)
  if (series === undefined) all.set(metric, (series = new Map()))
  return series
}

function sum(a: number, b: number): number {
  return a + b
}

/** Where they are divided differently, by the bounds that both have: what is counted below those is exact. */
function joined(a: HistogramSnapshot, b: HistogramSnapshot): HistogramSnapshot {
  const bounds = a.bounds.filter((bound) => b.bounds.includes(bound))
  const first = countsWithin(a, bounds)
  const second = countsWithin(b, bounds)
  return {
    unit: 's',
    bounds,
    counts: first.map((count, i) => count + second[i]!),
    count: a.count + b.count,
    sum: a.sum + b.sum,
  }
}

function countsWithin({ bounds, counts }: HistogramSnapshot, wanted: readonly number[]): number[] {
  const kept: number[] = Array.from({ length: wanted.length + 1 }, () => 0)
  for (let i = 0; i < counts.length; i++) {
    const at = i < bounds.length ? wanted.findIndex((bound) => bound >= bounds[i]!) : -1
    kept[at === -1 ? wanted.length : at]! += counts[i]!
  }
  return kept
}
