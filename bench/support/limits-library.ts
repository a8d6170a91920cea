/** What the benchmark of limits takes from the library. */
export { createLimiter, limiterAlgorithms } from 'keepwarm/policies'
export type { Limiter } from 'keepwarm/policies'
export { exponential, limitWorkloads, runQueueing } from 'keepwarm/testing'
export type { QueueingWorkload } from 'keepwarm/testing'
