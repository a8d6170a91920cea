/** Fair turns: in every round each arm runs once, and the arm that begins changes from round to round. */
import { Progress } from './progress.ts'

/** The order of a round's arms. */
export function turn<T>(arms: readonly T[], round: number): T[] {
  const first = round % Math.max(arms.length, 1)
  return [...arms.slice(first), ...arms.slice(0, first)]
}

/**
 * Runs each arm once to warm up, then `rounds` times, and gives each arm's samples in the order of the rounds.
 * The warm-up's samples are thrown away.
 */
export async function interleave<Arm extends string, Sample>(
  what: string,
  arms: readonly Arm[],
  rounds: number,
  run: (arm: Arm) => Promise<Sample>,
): Promise<Record<Arm, Sample[]>> {
  const samples = Object.fromEntries(arms.map((arm) => [arm, []])) as unknown as Record<Arm, Sample[]>
  const progress = new Progress(what, (rounds + 1) * arms.length)
  for (let round = -1; round < rounds; round++) {
    for (const arm of turn(arms, Math.max(round, 0))) {
      progress.step(round < 0 ? `${arm}, warm-up` : arm)
      const sample = await run(arm)
      if (round >= 0) samples[arm].push(sample)
    }
  }
  progress.done()
  return samples
}
