/** The same with a real server, in a process of its own, and real sockets. */
import { setTimeout as sleep } from 'node:timers/promises'
import { Chance } from '@keepwarm/cli/measuring'
import { HttpClient, type HedgeOptions } from 'keepwarm'
import type { HedgingCounts } from './hedging-server-program.ts'
import { Program } from './program.ts'

export interface HedgingPlan {
  /** Requests a second, at random moments. */
  readonly rate: number
  readonly seconds: number
  /** What comes before and is not counted, in seconds: hedging begins when enough is known. */
  readonly warmUp: number
  readonly seed: number
}

/** Of one arm; times in ms. */
export interface HedgingSample {
  readonly experiment: 'loopback'
  readonly arm: string
  readonly requests: number
  readonly failures: number
  readonly p50: number
  readonly p99: number
  readonly p999: number
  /** Requests that reached the server beyond the calls, as a share of the calls. */
  readonly extra: number
  /** Requests whose socket was closed before their answer. */
  readonly abandoned: number
}

const arms = { 'no hedges': undefined, 'keepwarm, p95': {}, 'keepwarm, 20 ms': { after: 20 } } as const

/** One after the other. */
export async function runHedging(plan: HedgingPlan): Promise<HedgingSample[]> {
  const samples: HedgingSample[] = []
  for (const [arm, hedge] of Object.entries(arms)) {
    await using server = await Program.start('hedging-server-program.ts', plan.seed)
    const client = clientFor(server.ready as string, hedge)
    samples.push(await runArm(arm, client, server, plan))
    await client.close()
  }
  return samples
}

function clientFor(baseUrl: string, hedge: HedgeOptions | undefined): HttpClient {
  const hedging = hedge === undefined ? {} : { hedge }
  return new HttpClient({
    baseUrl,
    maxConnections: 200,
    maxConnectionsPerOrigin: 200,
    retry: false,
    ...hedging,
  })
}

async function runArm(
  arm: string,
  client: HttpClient,
  server: Program,
  plan: HedgingPlan,
): Promise<HedgingSample> {
  const chance = new Chance(plan.seed)
  await call(client, plan.rate, plan.warmUp, chance)
  await server.ask('begin')
  await server.ask('count')
  const { latencies, failures } = await call(client, plan.rate, plan.seconds, chance)
  const { requests, abandoned } = await server.ask<HedgingCounts>('counts')
  const calls = latencies.length + failures
  const sorted = Float64Array.from(latencies).sort()
  const at = (share: number): number => sorted[Math.ceil(sorted.length * share) - 1] ?? NaN
  return {
    experiment: 'loopback',
    arm,
    requests: calls,
    failures,
    p50: at(0.5),
    p99: at(0.99),
    p999: at(0.999),
    extra: requests / calls - 1,
    abandoned,
  }
}

/** Latencies count from the moment the call was due: who is late does not get away with it. */
async function call(
  client: HttpClient,
  rate: number,
  seconds: number,
  chance: Chance,
): Promise<{ latencies: number[]; failures: number }> {
  const latencies: number[] = []
  const under: Promise<void>[] = []
  let failures = 0
  const begun = performance.now()
  let due = begun
  for (;;) {
    due += (-Math.log(1 - chance.next()) * 1_000) / rate
    if (due > begun + seconds * 1_000) break
    if (due - performance.now() > 1) await sleep(Math.floor(due - performance.now()))
    const since = due
    under.push(
      client
        .get('/')
        .text()
        .then(
          () => void latencies.push(performance.now() - since),
          () => void failures++,
        ),
    )
  }
  await Promise.all(under)
  return { latencies, failures }
}
