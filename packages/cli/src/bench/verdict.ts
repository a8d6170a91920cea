/** What a comparison found, in sentences. */
import { count, figure, speed } from '../measuring/words.ts'
import type { Comparison, Summary } from './summary.ts'

/** From which share on failures are told beside the verdict. */
const WORTH_TELLING = 0.01

/** `pooled is 3.10× faster than unpooled (95 % CI 2.90–3.30), with 10 connections instead of 38,210` */
export function verdictOf(comparison: Comparison, summaries: readonly Summary[]): string {
  const { arm, other, latency, cpu, decided } = comparison
  const [own, theirs] = [arm, other].map((name) => summaries.find((summary) => summary.name === name))
  if (Number.isNaN(latency.median))
    return `${arm} and ${other} cannot be compared: too few requests were answered`
  const details = [
    ...connectionWords(own, theirs),
    ...(decided && cpu.lower > 1 ? [`for ${figure(cpu.median)}× less CPU time`] : []),
  ]
  return [`${arm} ${speed(latency, other)}`, ...details].join(', ')
}

function connectionWords(own: Summary | undefined, theirs: Summary | undefined): string[] {
  if (own === undefined || theirs === undefined || own.connections === theirs.connections) return []
  return [
    `with ${count(own.connections, 'new connection')} instead of ${theirs.connections.toLocaleString('en-US')}`,
  ]
}

/** What must be known to believe the figures: failures, a rate that was not reached. */
export function caveats(summaries: readonly Summary[], rate: number | undefined): string[] {
  const failing = summaries.filter(({ failed }) => failed >= WORTH_TELLING)
  return [
    ...failing.map(
      ({ name, failed }) =>
        `${name} failed in ${figure(failed * 100)} % of its requests; its latencies are those of the others`,
    ),
    ...summaries
      .filter(({ lostRaces }) => lostRaces > 0)
      .map(
        ({ name, lostRaces }) =>
          `${name}: the server closed its connection under ${count(lostRaces, 'request')}; sent again`,
      ),
    ...summaries
      .filter(({ throughput }) => rate !== undefined && throughput.upper < rate * 0.95)
      .map(
        ({ name, throughput }) =>
          `${name} answered ${figure(throughput.median)} a second of the ${figure(rate!)} that were asked for`,
      ),
  ]
}

/** `unpooled: 12 connect ECONNREFUSED, 3 status 503` */
export function failureWords({ name, failures }: Summary): string[] {
  const kinds = Object.entries(failures)
  if (kinds.length === 0) return []
  return [`${name}: ${kinds.map(([kind, number]) => `${number.toLocaleString('en-US')} ${kind}`).join(', ')}`]
}
