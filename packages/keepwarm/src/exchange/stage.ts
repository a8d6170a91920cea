import type { Phase } from '../errors.ts'

/** Where an exchange is: the phases that errors speak of, and those that only it knows. */
export type Stage = Exclude<Phase, 'connect'> | 'prepare' | 'discard' | 'backoff' | 'over'

/** How a stage is called in an error. */
export function phaseOf(stage: Stage): Phase {
  if (stage === 'prepare') return 'admit'
  if (stage === 'discard') return 'body'
  return stage === 'backoff' || stage === 'over' ? 'wait' : stage
}

/** Whether the call waits for its next attempt. */
export function isBetween(stage: Stage): boolean {
  return stage === 'backoff' || stage === 'discard'
}

/** Whether nothing but the clock, and perhaps a hook, will end it: no socket keeps the process alive for it. */
export function isByItself(stage: Stage): boolean {
  return stage === 'backoff' || stage === 'prepare'
}

/** Whether an attempt is on its way, and nothing is decided about it. */
export function isUnderWay(stage: Stage): boolean {
  return stage === 'wait' || stage === 'send' || stage === 'headers' || stage === 'body'
}
