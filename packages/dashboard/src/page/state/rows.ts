/** A row of the table: all that is said of one client at a glance. */
import type { Breaker, Level, WireClient, WireGuard, WireTick } from '../wire.ts'
import type { Columns } from './columns.ts'
import { figuresOf, sparkOf, type Figures, type Spark } from './figures.ts'
import { placesOf, type Places } from './places.ts'
import { kindText, rankOf, worse } from './words.ts'

export interface Row {
  readonly name: string
  readonly level: Level
  /** Why it is of that level, in two or three words. */
  readonly state: string
  readonly breaker: Breaker
  readonly forced: boolean
  readonly places: Places
  readonly figures: Figures
  readonly spark: Spark
  readonly inFlight: number
}

/** Figures in the table are of so many seconds. */
export const LATELY = 30
/** Below this a call that waits is how a busy pool works. */
const LONG_WAIT = 1_000

/** Of breakers in the history; the higher, the worse. */
const numbers: Readonly<Record<Breaker, number>> = { closed: 0, 'half-open': 1, open: 2 }

export function rowOf(client: WireClient, tick: WireTick, columns: Columns, until: number): Row {
  const places = placesOf(tick.snapshot, client)
  const guard = worstGuard(client.guards)
  const figures = figuresOf(columns, until, LATELY)
  const breaker = guard?.breaker ?? 'closed'
  return {
    name: client.name,
    ...stateOf(client, tick, breaker, places, figures),
    breaker,
    forced: guard?.forced != null,
    places,
    figures,
    spark: sparkOf(columns, until),
    inFlight: client.calls.inFlight,
  }
}

export function worstGuard(guards: readonly WireGuard[]): WireGuard | undefined {
  return guards.toSorted((a, b) => numbers[b.breaker] - numbers[a.breaker])[0]
}

function stateOf(
  client: WireClient,
  { verdicts }: WireTick,
  breaker: Breaker,
  places: Places,
  figures: Figures,
): { level: Level; state: string } {
  const said = verdicts
    .filter((verdict) => verdict.client === client.name && verdict.kind !== 'healthy')
    .toSorted((a, b) => rankOf(b.level) - rankOf(a.level))[0]
  const seen = symptom(client, breaker, places)
  if (said !== undefined && rankOf(said.level) > 0) {
    return { level: worse(said.level, seen?.level ?? 'ok'), state: kindText(said.kind) }
  }
  if (seen !== undefined) return seen
  return { level: 'ok', state: figures.rate === 0 && client.calls.inFlight === 0 ? 'no calls' : 'ok' }
}

/** What can be seen without a diagnosis: a library that names none shall not look well. */
function symptom(
  { health }: WireClient,
  breaker: Breaker,
  { waiting, oldestWait }: Places,
): { level: Level; state: string } | undefined {
  if (breaker === 'open') return { level: 'critical', state: 'breaker open' }
  if (health.status === 'unhealthy') return { level: 'critical', state: 'unhealthy' }
  if (breaker === 'half-open') return { level: 'warn', state: 'breaker probing' }
  if (waiting > 0 && oldestWait >= LONG_WAIT) return { level: 'warn', state: 'calls wait' }
  if (health.status === 'degraded') return { level: 'warn', state: 'degraded' }
  return undefined
}

/** The worst breaker as the history has it. */
export function breakerGauge({ guards }: WireClient): number {
  return numbers[worstGuard(guards)?.breaker ?? 'closed']
}

/**
 * Worst first, then the busiest. Rows do not jump under the eye: within one level a row passes another only when it is
 * twice as busy. `before`: the names as they stood.
 */
export function ordered(rows: readonly Row[], before: readonly string[]): Row[] {
  const place = new Map(before.map((name, index) => [name, index]))
  const known = (row: Row): number => place.get(row.name) ?? Infinity
  const volume = ({ figures }: Row): number => figures.rate ?? 0
  const order = rows.toSorted(
    (a, b) =>
      rankOf(b.level) - rankOf(a.level) ||
      compare(known(a), known(b)) ||
      volume(b) - volume(a) ||
      compare(a.name, b.name),
  )
  for (let end = order.length - 1; end > 0; end--) {
    for (let index = 0; index < end; index++) {
      const [upper, lower] = [order[index]!, order[index + 1]!]
      if (upper.level !== lower.level || volume(lower) <= 2 * volume(upper) + 0.1) continue
      order[index] = lower
      order[index + 1] = upper
    }
  }
  return order
}

function compare<T extends number | string>(a: T, b: T): number {
  return a === b ? 0 : a < b ? -1 : 1
}
