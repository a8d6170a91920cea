/** What a client's last seconds came to. All of it is read from the history, so that a page just opened knows it, too. */
import type { Columns } from './columns.ts'
import { failures, outcomes, type SeriesName } from './series.ts'

export interface Figures {
  /** Calls that ended, per second. */
  readonly rate: number | null
  /** Shares of one: of calls as the callers saw them, and of attempts as the server answered them. */
  readonly effective: number | null
  readonly actual: number | null
  /** Attempts per call that was tried at all. */
  readonly multiplier: number | null
  readonly p50: number | null
  readonly p95: number | null
  readonly p99: number | null
  readonly seconds: number
}

/** Ends of calls that no attempt was made for. */
const untried: readonly SeriesName[] = ['refused', 'breaker_open']

export function figuresOf(columns: Columns, until: number, seconds: number): Figures {
  const total = (name: SeriesName): number => columns.sum(name, until, seconds).sum
  const all = (names: readonly SeriesName[]): number => names.reduce((sum, name) => sum + total(name), 0)
  const { known } = columns.sum('ok', until, seconds)
  const lost = all(failures)
  const judged = total('ok') + total('c4xx') + lost
  const attempts = total('attempts')
  const again = total('retries')
  // Each retry had an attempt before it that failed, and so had each call that was tried and lost.
  const failed = Math.min(attempts, again + lost - all(untried))
  const masses = massesOf(columns, until, seconds)
  const first = attempts - again - total('hedges')
  return {
    rate: known === 0 ? null : all(outcomes) / known,
    effective: judged === 0 ? null : 1 - lost / judged,
    actual: attempts === 0 ? null : 1 - failed / attempts,
    multiplier: first <= 0 ? null : attempts / first,
    p50: quantile(masses, 0.5),
    p95: quantile(masses, 0.95),
    p99: quantile(masses, 0.99),
    seconds,
  }
}

interface Mass {
  readonly at: number
  readonly mass: number
}

/**
 * What is known of the durations of many seconds, in order: as if half of a second's calls had taken its p50, nearly all
 * others its p95, and the rest its p99. Quantiles of that are of the right size, which is what a row of a table needs.
 */
function massesOf(columns: Columns, until: number, seconds: number): Mass[] {
  const masses: Mass[] = []
  for (let second = until - seconds + 1; second <= until; second++) {
    const p50 = columns.at('p50', second)
    if (Number.isNaN(p50)) continue
    let calls = 0
    for (const name of outcomes) calls += columns.at(name, second) || 0
    const [p95, p99] = [columns.at('p95', second), columns.at('p99', second)]
    masses.push({ at: p50, mass: calls * 0.5 })
    masses.push({ at: Number.isNaN(p95) ? p50 : p95, mass: calls * 0.46 })
    masses.push({ at: Number.isNaN(p99) ? p50 : p99, mass: calls * 0.04 })
  }
  return masses.sort((a, b) => a.at - b.at)
}

function quantile(masses: readonly Mass[], share: number): number | null {
  const wanted = share * masses.reduce((sum, { mass }) => sum + mass, 0)
  if (wanted === 0) return null
  let passed = 0
  for (const { at, mass } of masses) {
    passed += mass
    // A hair less than wanted, because shares of binary fractions do not add up.
    if (passed >= wanted - 1e-9) return at
  }
  return masses.at(-1)!.at
}

export interface Spark {
  /** Calls per second, oldest first; null where nobody knows. */
  readonly all: readonly (number | null)[]
  readonly lost: readonly (number | null)[]
  readonly highest: number
}

/** Two minutes in bars of four seconds. */
export function sparkOf(columns: Columns, until: number, bars: number = 30, step: number = 4): Spark {
  const end = Math.floor(until / step) * step
  const all: (number | null)[] = []
  const lost: (number | null)[] = []
  for (let bar = 0; bar < bars; bar++) {
    const last = end - (bars - 1 - bar) * step
    const { known } = columns.sum('ok', last, step)
    const sum = (names: readonly SeriesName[]): number =>
      names.reduce((total, name) => total + columns.sum(name, last, step).sum, 0)
    all.push(known === 0 ? null : sum(outcomes) / known)
    lost.push(known === 0 ? null : sum(failures) / known)
  }
  return { all, lost, highest: Math.max(0, ...all.map((value) => value ?? 0)) }
}
