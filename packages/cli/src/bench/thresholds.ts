/** What a run must hold to be called good: `p99>50ms` fails it. */
import { CliError } from '../cli-error.ts'
import { nearest } from '../options/nearest.ts'
import { percentiles, type Comparison, type Percentile, type Summary } from './summary.ts'

/** What a threshold may speak of, with the units that it is given in; the first is that of a bare number. */
const measures: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  ...Object.fromEntries(
    Object.keys(percentiles).map((name) => [name, { ms: 1, s: 1_000, us: 0.001, µs: 0.001 }]),
  ),
  slowest: { ms: 1, s: 1_000, us: 0.001, µs: 0.001 },
  throughput: { '': 1, '/s': 1 },
  errors: { '': 1, '%': 1 },
  connections: { '': 1 },
  cpu: { us: 1, µs: 1, ms: 1_000 },
  speedup: { '': 1, x: 1 },
}

export interface Threshold {
  readonly text: string
  /** The arm that it speaks of; undefined for the first one. */
  readonly arm: string | undefined
  readonly measure: string
  readonly operator: '<' | '<=' | '>' | '>='
  readonly value: number
  /** Whether `errors` is a share in per cent. */
  readonly percent: boolean
}

export interface Judgement {
  readonly text: string
  /** What was measured; null when there was nothing to measure it by. */
  readonly value: number | null
  /** Of the value: `ms`, `µs`, `%`, `/s`, `×`, or nothing for a number of things. */
  readonly unit: string
  /** What was not measured cannot be held to be good. */
  readonly failed: boolean
}

const form = /^(?:(.+):)?\s*([a-z][\w.]*)\s*(<=|>=|<|>)\s*(\d+(?:\.\d+)?)\s*(\S*)$/

/**
 * `p99>50ms`, `errors>0.1%`, `throughput<1000`, `unpooled:p50>5ms`, `speedup<1.5`.
 * @throws CliError naming what is allowed
 */
export function readThreshold(text: string, arms: readonly string[]): Threshold {
  const [, arm, measure = '', operator = '', number = '', unit = ''] = form.exec(text.trim()) ?? []
  const units = measures[measure]
  const bare = unit === '' ? Object.keys(units ?? {})[0] : unit
  if (units === undefined || bare === undefined || units[bare] === undefined)
    throw new CliError(complaint(text, measure))
  if (arm !== undefined && !arms.includes(arm))
    throw new CliError(
      `--fail-if ${JSON.stringify(text)} speaks of an arm that is not there. There are: ${arms.join(', ')}`,
    )
  if (measure === 'speedup' && arms.length < 2)
    throw new CliError(`--fail-if ${JSON.stringify(text)} needs two arms to compare`)
  return {
    text,
    arm,
    measure,
    operator: operator as Threshold['operator'],
    value: Number(number) * units[bare],
    percent: unit === '%',
  }
}

function complaint(text: string, measure: string): string {
  const meant = nearest(measure, Object.keys(measures))
  const hint = meant === undefined || meant === measure ? '' : ` Did you mean ${meant}?`
  return `--fail-if ${JSON.stringify(text)} is no threshold. Allowed: ${Object.keys(measures).join(', ')}, then < or >, then a number with its unit, such as "p99>50ms", "errors>0.1%", "throughput<1000" or "unpooled:p50>5ms".${hint}`
}

/** @param comparisons of the first arm with the others; `speedup` is the worst of them */
export function judge(
  threshold: Threshold,
  summaries: readonly Summary[],
  comparisons: readonly Comparison[],
): Judgement {
  const { text, arm, operator, value: bound } = threshold
  const summary = arm === undefined ? summaries[0] : summaries.find(({ name }) => name === arm)
  const value = summary === undefined ? NaN : measured(threshold, summary, comparisons)
  const holds = { '<': value < bound, '<=': value <= bound, '>': value > bound, '>=': value >= bound }[
    operator
  ]
  const unit = unitOf(threshold)
  return {
    text,
    value: Number.isFinite(value) ? value : null,
    unit,
    failed: holds || !Number.isFinite(value),
  }
}

function unitOf({ measure, percent }: Threshold): string {
  if (percent) return '%'
  const others: Readonly<Record<string, string>> = { cpu: 'µs', throughput: '/s', speedup: '×' }
  return measure in percentiles || measure === 'slowest' ? 'ms' : (others[measure] ?? '')
}

function measured(
  { measure, percent }: Threshold,
  summary: Summary,
  comparisons: readonly Comparison[],
): number {
  if (measure in percentiles) return summary.latency[measure as Percentile].median
  switch (measure) {
    case 'slowest':
      return summary.slowest
    case 'throughput':
      return summary.throughput.median
    case 'cpu':
      return summary.cpu.median
    case 'connections':
      return summary.connections
    case 'speedup':
      return Math.min(
        ...comparisons.filter(({ arm }) => arm === summary.name).map(({ latency }) => latency.median),
      )
    default:
      return percent
        ? summary.failed * 100
        : Object.values(summary.failures).reduce((sum, count) => sum + count, 0)
  }
}
