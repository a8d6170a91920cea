/** Arms in turns: in every round each runs once, in an order that is drawn anew. */
import { Chance } from '../measuring/chance.ts'
import type { ArmClient } from './arm-client.ts'
import { runRound, type RoundPlan } from './load.ts'
import type { Round } from './round.ts'

export interface RunningArm {
  readonly name: string
  readonly client: ArmClient
}

export interface RoundsPlan {
  readonly rounds: number
  readonly round: RoundPlan
  /** How long each arm runs before anything counts, in ms; 0 for not at all. */
  readonly warmUp: number
  readonly seed: number
}

/** What is told as it goes on. */
export interface Step {
  readonly arm: string
  /** From 1; 0 is the warm-up. */
  readonly round: number
  /** The rounds of this arm that are over. */
  readonly past: readonly Round[]
}

/** An order of all of them, each equally likely. */
export function shuffled<T>(items: readonly T[], chance: Chance): T[] {
  const order = [...items]
  for (let last = order.length - 1; last > 0; last--) {
    const other = Math.floor(chance.next() * (last + 1))
    ;[order[last], order[other]] = [order[other]!, order[last]!]
  }
  return order
}

/**
 * The rounds of each arm, in the order of the arms. Stopped, it has those rounds that all arms went through.
 * @param onStep told before each arm's turn
 */
export async function runRounds(
  arms: readonly RunningArm[],
  plan: RoundsPlan,
  stopped: AbortSignal,
  onStep: (step: Step) => void,
): Promise<Round[][]> {
  const chance = new Chance(plan.seed)
  const past = new Map<RunningArm, Round[]>(arms.map((arm) => [arm, []]))
  const turn = async (arm: RunningArm, number: number, round: RoundPlan): Promise<Round> => {
    onStep({ arm: arm.name, round: number, past: past.get(arm)! })
    const before = arm.client.counted()
    const done = await runRound(arm.client.send, round, stopped)
    const after = arm.client.counted()
    done.opened = after.opened - before.opened
    done.lostRaces = after.lostRaces - before.lostRaces
    return done
  }
  if (plan.warmUp > 0) for (const arm of shuffled(arms, chance)) await turn(arm, 0, warmUpRound(plan))
  for (let number = 1; number <= plan.rounds && !stopped.aborted; number++)
    for (const arm of shuffled(arms, chance)) past.get(arm)!.push(await turn(arm, number, plan.round))
  const whole = stopped.aborted
    ? Math.max(0, Math.min(...past.values().map(({ length }) => length)) - 1)
    : plan.rounds
  return arms.map((arm) => past.get(arm)!.slice(0, whole))
}

function warmUpRound({ round, warmUp }: RoundsPlan): RoundPlan {
  const requests = Number.isFinite(round.requests)
    ? Math.ceil((round.requests * warmUp) / round.duration)
    : Infinity
  return { ...round, duration: warmUp, requests: round.open ? requests : Infinity }
}
