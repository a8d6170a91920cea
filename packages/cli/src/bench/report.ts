/** How a run is told: to people, in Markdown, and to programs. */
import { inWords, type Environment } from '../measuring/environment.ts'
import { markdown, type Table } from '../measuring/table.ts'
import { figure, interval } from '../measuring/words.ts'
import { shownHeaders } from '../target/headers.ts'
import { isThisMachine, shownUrl } from '../target/target.ts'
import type { Greeting } from './arm-client.ts'
import type { BenchPlan } from './plan.ts'
import type { Round } from './round.ts'
import type { Comparison, Summary } from './summary.ts'
import type { Judgement } from './thresholds.ts'
import { caveats, failureWords, verdictOf } from './verdict.ts'

export interface Report {
  readonly plan: BenchPlan
  readonly greeting: Greeting
  readonly environment: Environment
  readonly rounds: readonly (readonly Round[])[]
  readonly summaries: readonly Summary[]
  /** The first arm with each of the others. */
  readonly comparisons: readonly Comparison[]
  readonly judgements: readonly Judgement[]
  readonly interrupted: boolean
}

/** The parts of what people read; a terminal may colour them. */
export interface Told {
  readonly what: string
  readonly table: Table
  /** What must be known beside the figures. */
  readonly remarks: readonly string[]
  readonly missed: readonly string[]
  /** The last lines: what was found. */
  readonly verdicts: readonly string[]
}

export function tell(report: Report): Told {
  const { summaries, comparisons, judgements, plan } = report
  return {
    what: whatWasDone(report),
    table: tableOf(summaries),
    remarks: [
      ...summaries.flatMap(failureWords),
      ...caveats(summaries, plan.rate),
      ...surroundingsOf(report),
    ],
    missed: judgements
      .filter(({ failed }) => failed)
      .map(
        ({ text, value, unit }) =>
          `${text}: it is ${value === null ? 'not known' : `${figure(value)} ${unit}`.trimEnd()}`,
      ),
    verdicts: comparisons.map((comparison) => verdictOf(comparison, summaries)),
  }
}

export function markdownOf(told: Told, { environment }: Report): string {
  const { what, table, remarks, missed, verdicts } = told
  const list = [...verdicts, ...remarks, ...missed.map((line) => `missed: ${line}`)].map(
    (line) => `- ${line}`,
  )
  return [markdown({ ...table, title: what }), list.join('\n'), `_${inWords(environment)}_`].join('\n\n')
}

export function jsonOf(report: Report): object {
  const { plan, greeting, environment, rounds, summaries, comparisons, judgements, interrupted } = report
  const { url, method, headers, timeout, concurrency } = plan.request
  const { duration, requests, open } = plan.round
  return {
    schema: 'keepwarm-cli-bench/1',
    url: shownUrl(url),
    method,
    headers: shownHeaders(headers),
    answer: greeting,
    environment,
    settings: {
      ...{ concurrency, rate: plan.rate ?? null, keptAt: plan.keptAt ?? null, openLoop: open },
      ...{
        rounds: plan.rounds,
        roundMs: duration,
        requestsPerRound: Number.isFinite(requests) ? requests : null,
      },
      ...{ warmUpMs: plan.warmUp, timeoutMs: timeout, seed: plan.seed },
    },
    interrupted,
    arms: summaries.map((summary, index) => ({
      ...summary,
      settings: { ...plan.arms[index]?.settings, ...plan.arms[index]?.variables },
      rounds: rounds[index]?.map(roundFacts),
    })),
    comparisons: comparisons.map((comparison) => ({
      ...comparison,
      verdict: verdictOf(comparison, summaries),
    })),
    thresholds: judgements,
  }
}

function roundFacts({ latencies, answered, failed, took, cpu, opened }: Round): object {
  const p50 = answered === 0 ? null : latencies.percentile(50) / 1_000
  return { p50, requests: answered, failed, tookMs: took, cpuMs: cpu / 1_000, connections: opened }
}

function whatWasDone({ plan, greeting, rounds }: Report): string {
  const { url, method, concurrency } = plan.request
  const { rate, keptAt, round } = plan
  const load =
    rate === undefined
      ? `${concurrency} at a time`
      : `${figure(rate)} a second, ${concurrency} at a time at most`
  const kept = keptAt === undefined || rate !== undefined ? '' : `, at most ${keptAt} a second`
  const done = rounds[0]?.length ?? 0
  return [
    `${method} ${shownUrl(url)}`,
    greeting.protocol,
    `${load}${kept}`,
    `${done} × ${figure(round.duration)} ms each, in random order`,
    plan.warmUp > 0 ? 'warm-up left out' : 'no warm-up',
  ].join(' · ')
}

function surroundingsOf({ greeting, plan, interrupted }: Report): string[] {
  const { url } = plan.request
  return [
    ...(interrupted ? ['interrupted: these are the rounds that were complete'] : []),
    ...(plan.rounds < 6 ? ['fewer than 6 rounds: the intervals are ranges'] : []),
    ...(greeting.status >= 300 ? [`the first answer was a ${greeting.status}`] : []),
    ...(isThisMachine(url)
      ? ['this machine is no network: each new connection costs a round trip more there, with TLS two']
      : []),
  ]
}

function tableOf(summaries: readonly Summary[]): Table {
  return {
    title: '',
    header: ['', 'p50 ms', 'p99', 'p99.9', 'requests/s', 'CPU µs', 'opened', 'failed'],
    rows: summaries.map(({ name, latency, throughput, cpu, connections, failures }) => [
      name,
      interval(latency.p50),
      figure(latency.p99.median),
      figure(latency['p99.9'].median),
      figure(throughput.median),
      figure(cpu.median),
      connections.toLocaleString('en-US'),
      Object.values(failures)
        .reduce((sum, number) => sum + number, 0)
        .toLocaleString('en-US'),
    ]),
  }
}
