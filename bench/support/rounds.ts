/** Fair turns: in every round each arm runs once, and the arm that begins changes from round to round. */
import type { Chance } from '@keepwarm/cli/measuring'
import { Progress } from './progress.ts'

/** The order of a round's arms. */
export function turn<T>(arms: readonly T[], round: number): T[] {
  const first = round % Math.max(arms.length, 1)
  return [...arms.slice(first), ...arms.slice(0, first)]
}

/** All of them in an order that chance chose. */
export function shuffled<T>(items: readonly T[], chance: Chance): T[] {
  return items
    .map((item) => [chance.next(), item] as const)
    .toSorted(([a], [b]) => a - b)
    .map(([, item]) => item)
}

interface Turns {
  /** Rounds whose samples are thrown away. Default 1; 0 where every run is a process that warms up itself. */
  readonly warmUps?: number
  /** The order of a round's arms. Default `turn`. */
  readonly order?: <T>(arms: readonly T[], round: number) => readonly T[]
}

/** Runs each arm to warm up, then `rounds` times, and gives each arm's samples in the order of the rounds. */
export async function interleave<Arm extends string, Sample>(
  what: string,
  arms: readonly Arm[],
  rounds: number,
  run: (arm: Arm) => Promise<Sample>,
  { warmUps = 1, order = turn }: Turns = {},
): Promise<Record<Arm, Sample[]>> {
  const samples = Object.fromEntries(arms.map((arm) => [arm, []])) as unknown as Record<Arm, Sample[]>
  const progress = new Progress(what, (rounds + warmUps) * arms.length)
  for (let round = -warmUps; round < rounds; round++) {
    for (const arm of order(arms, Math.max(round, 0))) {
      progress.step(round < 0 ? `${arm}, warm-up` : arm)
      const sample = await run(arm)
      if (round >= 0) samples[arm].push(sample)
    }
  }
  progress.done()
  return samples
}
