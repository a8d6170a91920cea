/** What came of one client in one storm. */
import { Program } from './program.ts'
import type { StormArm } from './storm-arms.ts'
import type { StormCalls, StormClient } from './storm-client-program.ts'
import type { StormServer } from './storm-server-program.ts'

export interface StormPlan extends StormServer {
  /** Calls a second. */
  readonly rate: number
  /** Seconds before the server hangs, of the hang, and after it. */
  readonly before: number
  readonly hang: number
  readonly after: number
}

/** Shares are of the calls due in that time. */
export interface StormResult {
  readonly arm: string
  readonly options: string
  readonly calls: number
  readonly succeeded_before: number
  readonly succeeded_during: number
  readonly succeeded_after: number
  /** Seconds after the hang until 95 % of the calls of five seconds succeed; null for not in the time watched. */
  readonly recovery_s: number | null
  /** Requests that the server counted. */
  readonly requests: number
  /** Of these, for each call: of the whole run, and of the worst second, beside the calls of an average second. */
  readonly amplification: number
  readonly worst_second: number
  /** How late the latest call began, in ms. */
  readonly late_ms: number
  readonly offered_per_second: readonly number[]
  readonly succeeded_per_second: readonly number[]
}

/** Server and client in fresh processes. */
export async function measureStorm(arm: StormArm, plan: StormPlan): Promise<StormResult> {
  const { slots, work, seed, rate, before, hang, after } = plan
  await using server = await Program.start('storm-server-program.ts', { slots, work, seed })
  const settings: StormClient = {
    arm: arm.name,
    url: server.ready as string,
    rate,
    seconds: before + hang + after,
    seed: seed + 1,
  }
  await using client = await Program.start('storm-client-program.ts', settings)
  await server.ask({ at: before, for: hang })
  const calls = await client.ask<StormCalls>('run')
  return stormResult(arm, plan, calls, await server.ask<number[]>('counts'))
}

export function stormResult(
  { name, options }: Pick<StormArm, 'name' | 'options'>,
  { rate, before, hang }: Pick<StormPlan, 'rate' | 'before' | 'hang'>,
  { offered, succeeded, late }: StormCalls,
  arrived: readonly number[],
): StormResult {
  const share = (from: number, to?: number): number => sum(succeeded, from, to) / sum(offered, from, to)
  return {
    arm: name,
    options,
    calls: sum(offered),
    succeeded_before: share(0, before),
    succeeded_during: share(before, before + hang),
    succeeded_after: share(before + hang),
    recovery_s: recovery(offered.slice(before + hang), succeeded.slice(before + hang)),
    requests: sum(arrived),
    amplification: sum(arrived) / sum(offered),
    worst_second: Math.max(0, ...arrived) / rate,
    late_ms: late,
    offered_per_second: offered,
    succeeded_per_second: succeeded,
  }
}

/** The first second from which on 95 % of the calls of `window` seconds succeed; null when there is none. */
function recovery(offered: readonly number[], succeeded: readonly number[], window = 5): number | null {
  for (let from = 0; from + window <= offered.length; from++) {
    const to = from + window
    if (sum(succeeded, from, to) >= 0.95 * sum(offered, from, to)) return from
  }
  return null
}

function sum(values: readonly number[], from = 0, to?: number): number {
  return values.slice(from, to).reduce((total, value) => total + value, 0)
}
