/** Whatever adds up or goes up and down is read from a snapshot when a reader collects, and costs nothing in between. */
import type { Attributes, BatchObservableResult, Meter, Observable } from '@opentelemetry/api'
import { catalog, metricNames, type MetricName, type MetricRow } from '../observe/metrics/catalog.ts'
import type { OriginNames } from '../observe/metrics/origin-names.ts'
import { readProcess } from '../observe/metrics/of-process.ts'
import type { Readings } from '../observe/metrics/readings.ts'
import type { ProcessSnapshot } from '../observe/process-snapshot.ts'
import { given } from './attributes.ts'
import type { OptInMetric } from './options.ts'

/** So many times what is gone is said to be 0: each of several readers shall hear of it. */
const LAST_WORDS = 10

export interface GaugesOptions {
  readonly meter: Meter
  readonly origins: OriginNames
  readonly optIn: ReadonlySet<OptInMetric>
  readonly snapshot: () => ProcessSnapshot
}

export function observeGauges({ meter, origins, optIn, snapshot }: GaugesOptions): Disposable {
  const shown = metricNames.filter((name) => isOn(name, optIn)).map((name) => new Shown(meter, name))
  const observe = (result: BatchObservableResult): void => {
    const readings = readProcess(snapshot(), origins)
    for (const one of shown) one.observe(readings, result)
  }
  const observables = shown.map(({ instrument }) => instrument)
  meter.addBatchObservableCallback(observe, observables)
  return { [Symbol.dispose]: () => meter.removeBatchObservableCallback(observe, observables) }
}

function isOn(name: MetricName, optIn: ReadonlySet<OptInMetric>): boolean {
  if (catalog[name].kind === 'histogram' || name.startsWith('nodejs.')) return false // others tell of the process
  return !name.startsWith('http.') || optIn.has(name as OptInMetric)
}

class Shown {
  readonly instrument: Observable
  private readonly name: MetricName
  /** An SDK keeps the last value of what is not told again: for a gauge that would be wrong for ever. */
  private readonly left: Map<string, { readonly attributes: Attributes; times: number }> | undefined

  constructor(meter: Meter, name: MetricName) {
    this.name = name
    this.instrument = instrumentOf(meter, name, catalog[name])
    this.left = catalog[name].kind === 'counter' ? undefined : new Map()
  }

  observe(readings: Readings, result: BatchObservableResult): void {
    const { instrument, left } = this
    const now = new Set<string>()
    for (const { attributes: known, value } of readings.numbersOf(this.name)) {
      const attributes = given(known)
      result.observe(instrument, value, attributes)
      if (left === undefined) continue
      const key = JSON.stringify(attributes)
      now.add(key)
      left.set(key, { attributes, times: LAST_WORDS })
    }
    for (const [key, gone] of left ?? []) {
      if (now.has(key)) continue
      result.observe(instrument, 0, gone.attributes)
      if (--gone.times === 0) left!.delete(key)
    }
  }
}

function instrumentOf(meter: Meter, name: MetricName, { kind, unit, text, joined }: MetricRow): Observable {
  const options = { unit, description: text }
  if (kind === 'counter') return meter.createObservableCounter(name, options)
  // What adds up over processes is a sum, which may go down.
  if (unit === '1' || joined === 'max') return meter.createObservableGauge(name, options)
  return meter.createObservableUpDownCounter(name, options)
}
