/** Every limit beside every workload. */
import {
  createLimiter,
  exponential,
  limiterAlgorithms,
  limitWorkloads,
  type Limiter,
  type QueueingWorkload,
} from './limits-library.ts'

export interface LimitArm {
  readonly name: string
  /** 0 for no limit at all, and for one that adapts. */
  readonly fixed: number
  readonly limiter: () => Limiter
}

export interface LimitLoad {
  readonly name: string
  /** In a few words, for the table's title. */
  readonly meaning: string
  readonly workload: QueueingWorkload
}

const fixed = (limit: number): LimitArm => ({
  name: `fixed ${limit}`,
  fixed: limit,
  limiter: () => ({ limit, sample: () => {} }),
})

/** The first of the algorithms is the default. */
export const arms: readonly LimitArm[] = [
  { ...fixed(Infinity), name: 'none', fixed: 0 },
  fixed(10),
  fixed(20),
  fixed(40),
  ...limiterAlgorithms.map((algorithm) => ({
    name: algorithm,
    fixed: 0,
    limiter: () => createLimiter({ algorithm }),
  })),
]

const { step, shared, lasting, slower, burst } = limitWorkloads

/** @param share of the usual length of each workload */
export function loads(share: number): readonly LimitLoad[] {
  const all: readonly LimitLoad[] = [
    { name: 'step', meaning: 'from 0.7 of the capacity to 1.5', workload: step },
    { name: 'shared', meaning: 'four clients together want 3 times the capacity', workload: shared },
    { name: 'lasting', meaning: '1.5 times the capacity for ten minutes', workload: lasting },
    { name: 'slower', meaning: 'at 0.4 of the capacity the server becomes half as fast', workload: slower },
    { name: 'burst', meaning: 'five minutes of next to nothing, then 0.9 of the capacity', workload: burst },
    {
      name: 'shared, 503',
      meaning: 'as shared; the server has 15 places in line and answers 503 above',
      workload: told,
    },
  ]
  return all.map((load) => ({ ...load, workload: shortened(load.workload, share) }))
}

const told: QueueingWorkload = {
  ...shared,
  server: { slots: 20, service: exponential(50), maxQueue: 15 },
}

function shortened(workload: QueueingWorkload, share: number): QueueingWorkload {
  const phases = workload.phases.map((phase) => ({
    ...phase,
    lasts: Math.max(1, Math.round(phase.lasts * share)),
  }))
  return { ...workload, phases }
}
