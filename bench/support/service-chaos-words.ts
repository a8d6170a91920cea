/** The service's chaos in tables and sentences. */
import { figure, type Table } from '@keepwarm/cli/measuring'
import type { Books } from '../../apps/intelligence/test/chaos/books.ts'
import { clientOf } from '../../apps/intelligence/test/chaos/house.ts'
import { callsIn, laws, nameOf, wordsOnly, type Breach } from '../../apps/intelligence/test/chaos/laws.ts'
import type { Seen } from '../../apps/intelligence/test/chaos/phase.ts'
import type { SearchOutcome } from '../../apps/intelligence/test/chaos/traffic.ts'

/** One phase in numbers. Times in ms; null where it did not come to that. */
export interface ChaosPhase {
  readonly phase: string
  readonly searches: number
  readonly answered: number
  readonly words_only: number
  readonly p50: number
  readonly p99: number
  readonly health: readonly string[]
  readonly verdicts: readonly string[]
  readonly named_after: number | null
  readonly breakers: readonly string[]
  readonly calls: number
  readonly attempts: number
  readonly well_after: number | null
  readonly caught_up_after: number | null
}

export function phaseOf(seen: Seen): ChaosPhase {
  const { plan, looks, searches } = seen
  const clients = plan.upstreams.map((name) => clientOf[name])
  const done = clients.map((client) => callsIn(seen, client))
  const right = looks.flatMap(({ verdicts }) =>
    verdicts.flatMap(({ kind, client }) => (client !== null && clients.includes(client) ? [kind] : [])),
  )
  const breakers = looks.flatMap((one) => clients.map((client) => one.clients[client]?.breaker ?? 'closed'))
  return {
    phase: nameOf(seen),
    searches: searches.length,
    answered: searches.filter(({ answered, found }) => answered && found).length,
    words_only: wordsOnly(searches).length,
    ...quantiles(searches),
    health: [...new Set(looks.map(({ status }) => status))],
    verdicts: [...new Set<string>(right)],
    named_after: seen.namedAfter ?? null,
    breakers: [...new Set(breakers)],
    calls: done.reduce((sum, { calls }) => sum + calls, 0),
    attempts: done.reduce((sum, { attempts }) => sum + attempts, 0),
    well_after: seen.wellAfter ?? null,
    caught_up_after: seen.caughtUpAfter ?? null,
  }
}

function quantiles(searches: readonly SearchOutcome[]): { p50: number; p99: number } {
  const times = searches.map(({ took }) => took).toSorted((a, b) => a - b)
  const at = (share: number): number =>
    times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0
  return { p50: at(0.5), p99: at(0.99) }
}

export function phaseTable(rows: readonly ChaosPhase[]): Table {
  return {
    title: 'Each fault, while documents come and searches go on',
    header: [
      'Fault',
      'Searches answered',
      'by words alone',
      'p50, p99 (ms)',
      'Health',
      'Diagnosis',
      'after (s)',
      'Breaker',
      'Attempts a call',
      'Well again (s)',
      'Caught up (s)',
    ],
    rows: rows.map((row) => [
      row.phase,
      `${row.answered} of ${row.searches}`,
      row.searches === 0 ? '–' : `${Math.round((100 * row.words_only) / row.searches)} %`,
      `${figure(row.p50)}, ${figure(row.p99)}`,
      row.health.join(', '),
      row.verdicts.join(', '),
      seconds(row.named_after),
      row.breakers.filter((state) => state !== 'closed').join(', ') || 'closed',
      row.calls === 0 ? '–' : `${figure(row.attempts / row.calls)} of ${row.calls}`,
      seconds(row.well_after),
      seconds(row.caught_up_after),
    ]),
  }
}

function seconds(ms: number | null): string {
  return ms === null ? 'never' : figure(ms / 1_000)
}

export function chaosFindings(
  rows: readonly ChaosPhase[],
  { promised, lost, dead, twice, repairs, attempts }: Books,
  breaches: readonly Breach[],
): string[] {
  const sum = (of: (row: ChaosPhase) => number): number => rows.reduce((total, row) => total + of(row), 0)
  const worst = (of: (row: ChaosPhase) => number | null): string =>
    seconds(Math.max(...rows.map((row) => of(row) ?? Infinity)))
  const broken = new Set(breaches.map(({ law }) => law))
  return [
    `Searches in the faults: ${sum(({ answered }) => answered)} of ${sum(({ searches }) => searches)} answered with what their words find, ${sum(({ words_only }) => words_only)} of them by words alone, and saying so.`,
    `Documents accepted: ${promised}; lost: ${lost.length}; given up: ${dead.length}; stored twice: ${twice.length}. ${repairs} repairs of documents that lacked something for a while; ${figure(attempts.mean)} attempts a document, ${attempts.most} at most of the eight that each has.`,
    `The latest to be named was named after ${worst(({ named_after }) => named_after)} s; well again after ${worst(({ well_after }) => well_after)} s at most, with every document indexed after ${worst(({ caught_up_after }) => caught_up_after)} s.`,
    ...breaches.map(({ law, how }) => `Broken: ${laws[law]}: ${how}`),
    broken.size === 0
      ? `All ${Object.keys(laws).length} laws held.`
      : `${broken.size} of ${Object.keys(laws).length} laws broken: ${[...broken].join(', ')}.`,
  ]
}
