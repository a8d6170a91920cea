import type { Outcome } from '../exchange/host.ts'
import type { CallVerdict } from '../observe/recorder.ts'
import { outcomeOf } from '../outcome.ts'

/** 4xx are answers, except where the server refuses to serve; what the caller cancelled is nobody's failure. */
export function verdictOf(outcome: Outcome): CallVerdict {
  if ('error' in outcome) return outcome.error.code === 'aborted' ? 'cancelled' : 'failed'
  return outcomeOf(outcome) === 'success' ? 'successful' : 'failed'
}
