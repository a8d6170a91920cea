/** Runs clients in turns, each time in a fresh process, and gives what they came to beside the reference. */
import { Chance, estimate, median, ratio, type Estimate } from '@keepwarm/cli/measuring'
import type { Cores } from './cores.ts'
import { paths, requests, responses, smallText } from './documents.ts'
import { largeBytes, streamBytes } from './nginx-configuration.ts'
import type { PeerOrder, PeerSample } from './peers-order.ts'
import { runPeer, type Commands } from './peers-processes.ts'
import { reference, type PeerName } from './peers-roster.ts'
import type { PeerUpstreams } from './peers-upstreams.ts'
import type { Workload } from './peers-workloads.ts'
import { interleave, shuffled } from './rounds.ts'

export interface PeersPlan {
  readonly commands: Commands
  readonly cores: Cores | undefined
  readonly rounds: number
  /** In ms of CPU time, in each process: once, and of each slice. */
  readonly warmUp: number
  readonly measured: number
  /** In each process; bursts are five times as many. */
  readonly slices: number
  /** Of the order in each round. */
  readonly seed: number
}

interface Counted extends PeerSample {
  readonly connections: number
  /** Why an earlier process of this round is not this one; empty where the first did. */
  readonly mishap: string
}

type Single = 'p50' | 'p99' | 'p999' | 'connections' | 'peak_rss_kb' | 'requests' | 'errors'

/** Medians over all slices of all rounds, or over the rounds where a process has one figure. */
export interface PeerResult {
  readonly workload: string
  readonly arm: PeerName
  readonly cpu_us_per_request: Estimate
  /** By the reference's, slice by slice of the same round: below 1 is cheaper. */
  readonly cpu_ratio: Estimate
  /** The cheapest and the dearest process. */
  readonly cpu_range: readonly [number, number]
  /** Of that, collecting garbage; null where nobody counts it. */
  readonly gc_us_per_request: number | null
  readonly gc_range: readonly [number, number] | null
  readonly requests_per_second: Estimate
  readonly p50_ms: number
  readonly p99_ms: number
  readonly p999_ms: number
  /** As the server counted them, the warm-up's included. */
  readonly connections: number
  readonly peak_rss_mb: number
  /** Of all rounds. */
  readonly requests: number
  readonly errors: number
  readonly first_error: string
  /** Of processes that were void, and in whose place others ran. */
  readonly mishaps: readonly string[]
}

interface Measured {
  readonly results: readonly PeerResult[]
  /** A line for each client whose processes failed twice in a round. */
  readonly lost: readonly string[]
}

export async function measureWorkload(
  workload: Workload,
  plan: PeersPlan,
  upstreams: PeerUpstreams,
): Promise<Measured> {
  const arms = workload.arms.filter((arm) => plan.commands[arm] !== undefined)
  const origin = await upstreams.originOf(workload.upstream)
  const chance = new Chance(plan.seed)
  const run = (arm: PeerName): Promise<Counted | Error> =>
    runPatiently(() => runCounted(arm, orderOf(workload, arm, origin, plan), workload, plan, upstreams))
  const samples = await interleave(workload.name, arms, plan.rounds, run, {
    warmUps: 0,
    order: (all) => shuffled(all, chance),
  })
  const lost = arms.filter((arm) => samples[arm].some((sample) => sample instanceof Error))
  const whole = samples as Record<PeerName, Counted[]>
  return {
    results: arms
      .filter((arm) => !lost.includes(arm))
      .map((arm) =>
        summarise(workload.name, arm, whole[arm], lost.includes(reference) ? undefined : whole[reference]),
      ),
    lost: lost.map((arm) => {
      const { message } = samples[arm].find((sample) => sample instanceof Error)!
      return `${workload.name}: ${arm} is left out. ${inOneLine(message)}`
    }),
  }
}

/** A process that hangs or dies costs a report of ten minutes no more than itself; a second one costs it the client. */
async function runPatiently(run: () => Promise<Counted>): Promise<Counted | Error> {
  try {
    return await run()
  } catch (first) {
    const mishap = inOneLine((first as Error).message)
    return await run().then(
      (counted) => ({ ...counted, mishap }),
      (second: unknown) => second as Error,
    )
  }
}

async function runCounted(
  arm: PeerName,
  order: PeerOrder,
  { upstream }: Workload,
  { commands, cores }: PeersPlan,
  upstreams: PeerUpstreams,
): Promise<Counted> {
  const [sample, counts] = await upstreams.counting(upstream, () =>
    runPeer(commands[arm]!, order, cores?.client),
  )
  // Where calls failed nobody knows how many of them went out.
  if (sample.errors === 0 && counts.requests !== sample.sent) {
    throw new Error(
      `${arm} made ${sample.sent} requests, and ${upstream} counted ${counts.requests}; the run is void`,
    )
  }
  return { ...sample, connections: counts.connections, mishap: '' }
}

function orderOf(workload: Workload, arm: PeerName, origin: string, plan: PeersPlan): PeerOrder {
  const { kind, path, callers, connections } = workload
  const { warmUp, measured, slices } = plan
  // A burst is short and waits more than it works.
  const pace =
    kind === 'burst' ? { warmUp: warmUp / 3, measured, slices: slices * 5 } : { warmUp, measured, slices }
  return { arm, origin, kind, path, callers, connections, ...documentOf(workload), ...pace }
}

/** What is sent and what must come back. */
function documentOf({ path }: Workload): Pick<PeerOrder, 'bytes' | 'value' | 'member'> {
  const lengths: Readonly<Record<string, number>> = { '/large': largeBytes, '/stream': streamBytes }
  const bytes = lengths[path] ?? smallText.length
  if (path === paths.embed) {
    return { bytes: responses.embed.length, value: requests.embed(0), member: ['model', 'nomic-embed-text'] }
  }
  return { bytes, value: requests.analyse(0), member: ['language', 'en'] }
}

/** Without samples of the reference a client is its own. */
function summarise(
  workload: string,
  arm: PeerName,
  own: readonly Counted[],
  compared: readonly Counted[] = own,
): PeerResult {
  const slices = (field: 'cpu' | 'wall', of: readonly Counted[] = own): number[] =>
    of.flatMap((sample) => sample[field])
  const all = (field: Single): number[] => own.map((sample) => sample[field])
  const middle = (field: Single): number => median(all(field))
  const sum = (field: 'requests' | 'errors'): number => all(field).reduce((total, value) => total + value, 0)
  const cpu = slices('cpu')
  const byProcess = own.map((sample) => median(sample.cpu))
  const gc = own.flatMap((sample) => sample.gc ?? [])
  return {
    workload,
    arm,
    cpu_us_per_request: estimate(cpu),
    cpu_ratio: ratio(cpu, slices('cpu', compared)),
    cpu_range: [Math.min(...byProcess), Math.max(...byProcess)],
    gc_us_per_request: gc.length === 0 ? null : median(gc),
    gc_range: gc.length === 0 ? null : [Math.min(...gc), Math.max(...gc)],
    requests_per_second: estimate(slices('wall').map((us) => 1_000_000 / us)),
    p50_ms: middle('p50') / 1_000,
    p99_ms: middle('p99') / 1_000,
    p999_ms: middle('p999') / 1_000,
    connections: middle('connections'),
    peak_rss_mb: middle('peak_rss_kb') / 1_024,
    requests: sum('requests'),
    errors: sum('errors'),
    first_error: own.find(({ errors }) => errors > 0)?.first_error ?? '',
    mishaps: own.flatMap(({ mishap }) => (mishap === '' ? [] : [mishap])),
  }
}

function inOneLine(message: string): string {
  return message.trim().replace(/\s+/g, ' ')
}
