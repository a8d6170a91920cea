/** What the benchmark of limits takes from the library, in one place: its front door has no names for these yet. */
export { createLimiter, limiterAlgorithms } from '../../packages/keepwarm/src/limit/options.ts'
export type { Limiter } from '../../packages/keepwarm/src/limit/limiter.ts'
export {
  exponential,
  limitWorkloads,
  runQueueing,
} from '../../packages/keepwarm/src/testing/queueing-server.ts'
export type { QueueingResult, QueueingWorkload } from '../../packages/keepwarm/src/testing/queueing-server.ts'
