/** A process that simulates days: each pool that it is asked for under the same load. */
import { Chance } from '@keepwarm/cli/measuring'
import { answerQuestions, settingsOf } from './program.ts'
import type { SizingArm } from './sizing-arms.ts'
import { dayOfLoad, type LoadShape } from './sizing-load.ts'
import { simulateDay } from './sizing-simulate.ts'

export interface SimulationSettings {
  readonly seed: number
  readonly shape: LoadShape
}

export interface SimulationTask {
  readonly arm: SizingArm
  /** How long a dial takes, in ms. */
  readonly dial: number
}

const { seed, shape } = settingsOf<SimulationSettings>()
const load = dayOfLoad(new Chance(seed), shape)

answerQuestions('ready', ({ arm, dial }: SimulationTask) => simulateDay(load, arm, dial))
