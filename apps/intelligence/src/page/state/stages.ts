/** The way of a document through the pipeline, as it is shown. */
import { stageNames, type StageName } from '../../indexing/stage-names.ts'
import type { Status } from '../wire.ts'

export { stageNames, type StageName } from '../../indexing/stage-names.ts'
export type StageState = Status['steps'][number]['state']
export type Stages = Readonly<Partial<Record<StageName, StageState>>>

/** What each stage does, for those who do not know its name. */
export const stageWork: Readonly<Record<StageName, string>> = {
  workflow: 'named as part of a batch',
  chunk: 'cut into passages',
  embed: 'its meaning in numbers',
  entities: 'names and things in it',
  semantic: 'concepts, themes and domains',
  freshness: 'how fresh it is',
  deliver: 'stored for searching',
}

export function isStage(name: string): name is StageName {
  return (stageNames as readonly string[]).includes(name)
}

/** How many are over, well or badly. */
export function stagesOver(stages: Stages): number {
  return stageNames.filter((name) => stages[name] !== undefined && stages[name] !== 'running').length
}

/** @example stagesText({ chunk: 'succeeded', embed: 'running' }) // '1 of 7 stages; embed' */
export function stagesText(stages: Stages): string {
  const named = (state: StageState): string[] => stageNames.filter((name) => stages[name] === state)
  const [running, failed] = [named('running'), named('failed')]
  return [
    `${stagesOver(stages)} of ${stageNames.length} stages`,
    ...(running.length > 0 ? [running.join(', ')] : []),
    ...(failed.length > 0 ? [`failed: ${failed.join(', ')}`] : []),
  ].join('; ')
}
