/** Measures arms against a small server, in fresh processes, and compares each with one of them. */
import { estimate, type Estimate, median, ratio } from '@keepwarm/cli/measuring'
import type { CpuArm } from './cpu-arms.ts'
import type { FetchArm } from './fetch-arms.ts'
import type { CpuSample, CpuSettings } from './cpu-program.ts'
import { Program } from './program.ts'
import { interleave } from './rounds.ts'

type Arm = CpuArm | FetchArm

export interface CpuPlan {
  readonly arms: readonly Arm[]
  /** The arm that the others are compared with. */
  readonly reference: Arm
  readonly connections: number
  readonly requests: number
  readonly rounds: number
  /** How often everything is repeated with a fresh server and a fresh client process. */
  readonly processes: number
}

export interface CpuResult {
  readonly arm: Arm
  readonly connections: number
  readonly cpu_us_per_request: Estimate
  readonly heap_bytes_per_request: number | null
  readonly requests_per_second: Estimate
  /** This arm's CPU time by the reference's, round by round. Below 1, this arm is cheaper. */
  readonly cpu_ratio: Estimate
  /** The same, for each process alone: how far it depends on the process. */
  readonly cpu_ratio_by_process: readonly number[]
  /** This arm's requests per second by the reference's, round by round. */
  readonly throughput_ratio: Estimate
}

type Samples = Readonly<Record<Arm, readonly CpuSample[]>>

export async function measureCpu(plan: CpuPlan): Promise<CpuResult[]> {
  const perProcess: Samples[] = []
  for (let number = 1; number <= plan.processes; number++) {
    perProcess.push(await measureInOneProcess(plan, `process ${number} of ${plan.processes}`))
  }
  return plan.arms.map((arm) => summarise(arm, plan, perProcess))
}

async function measureInOneProcess(plan: CpuPlan, name: string): Promise<Samples> {
  const { arms, connections, requests, rounds } = plan
  await using server = await Program.start('small-server-program.ts', null)
  const settings: CpuSettings = { origin: server.ready as string, arms, connections, requests }
  await using program = await Program.start('cpu-program.ts', settings)
  const what = `${connections} connections, ${name}`
  return await interleave(what, arms, rounds, (arm) => program.ask<CpuSample>(arm))
}

function summarise(arm: Arm, { reference, connections }: CpuPlan, perProcess: readonly Samples[]): CpuResult {
  const all = (name: Arm, field: 'cpuUs' | 'wallUs'): number[] =>
    perProcess.flatMap((samples) => samples[name].map((sample) => sample[field]))
  const heap = perProcess.flatMap((samples) => samples[arm].flatMap(({ heapBytes }) => heapBytes ?? []))
  return {
    arm,
    connections,
    cpu_us_per_request: estimate(all(arm, 'cpuUs')),
    heap_bytes_per_request: heap.length === 0 ? null : Math.round(median(heap)),
    requests_per_second: estimate(all(arm, 'wallUs').map((us) => 1_000_000 / us)),
    cpu_ratio: ratio(all(arm, 'cpuUs'), all(reference, 'cpuUs')),
    cpu_ratio_by_process: perProcess.map((samples) => cpuRatio(samples[arm], samples[reference])),
    throughput_ratio: ratio(all(reference, 'wallUs'), all(arm, 'wallUs')),
  }
}

function cpuRatio(own: readonly CpuSample[], reference: readonly CpuSample[]): number {
  return median(own.map((sample, round) => sample.cpuUs / reference[round]!.cpuUs))
}
