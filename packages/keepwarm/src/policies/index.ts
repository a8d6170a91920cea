/**
 * The policies that keepwarm decides with, by themselves: for clients of other protocols, queues, workers. They only
 * think: time (ms, on a clock that never jumps) and chance (a number in [0, 1)) are arguments, and nothing here waits,
 * sends or sets a timer.
 */
export { backoff, backoffCeiling } from '../retry/backoff.ts'
export type { Backoff, Growth, Jitter } from '../retry/backoff.ts'
export { RetryBudget } from '../retry/budget.ts'
export type { BudgetOptions } from '../retry/budget.ts'
export { chargeRetry, decideRetry, notRetriedText } from '../retry/decide.ts'
export type { Again, NotAgain, NotRetried, RetryDecision, RetryQuestion } from '../retry/decide.ts'
export type { AttemptEnding, RetryFacts, ShouldRetry } from '../retry/hook.ts'
export { resolveRetry, retryDefaults } from '../retry/options.ts'
export type { RetryOptions, RetrySettings } from '../retry/options.ts'
export { OriginPause } from '../retry/pause.ts'
export { notResumedText, ResumableDownload } from '../retry/resume.ts'
export type { NotResumed, ResponseHeaders, Resumed } from '../retry/resume.ts'
export { parseRetryAfter } from '../retry/retry-after.ts'

export { Breaker, REFUSED } from '../breaker/machine.ts'
export type { ForceHandle, Forced } from '../breaker/forcing.ts'
export type { BreakerOptions } from '../breaker/options.ts'
export type { BreakerRefusal } from '../breaker/refusal.ts'
export type { BreakerState, SavedBreaker } from '../breaker/saved.ts'
export type { BreakerSnapshot } from '../breaker/snapshot.ts'

export { anotherTry, breakerOutcome, isConnectFailure, outcomeOf } from '../outcome.ts'
export type { AnotherTry, AnsweredEnding, Ending, FailedEnding, OutcomeKind } from '../outcome.ts'

export { createLimiter, limiterAlgorithms } from '../limit/options.ts'
export type { LimiterAlgorithm, LimiterOptions } from '../limit/options.ts'
export type { Limiter, SampleOutcome } from '../limit/limiter.ts'

export type { AfterQuantile, HedgeOptions } from '../hedge/options.ts'
export { HedgePolicy } from '../hedge/policy.ts'
export type { HedgeCounters, SampleEnding, SharedBudget } from '../hedge/policy.ts'
export { MovingQuantile } from '../hedge/quantile.ts'
export type { MovingQuantileOptions } from '../hedge/quantile.ts'
export { hedgeRefusalText, mayChange } from '../hedge/refusal.ts'
export type { HedgeFacts, HedgeRefusal } from '../hedge/refusal.ts'

export { Balancer } from '../balance/balancer.ts'
export type { BalanceOutcome } from '../balance/balancer.ts'
export { Ejection, OutlierRecord } from '../balance/ejection.ts'
export type { Ejectable, EjectionHost } from '../balance/ejection.ts'
export type { Endpoint } from '../balance/endpoint.ts'
export type { Weights } from '../balance/members.ts'
export { resolveEjection } from '../balance/options.ts'
export type { BalanceOptions, EjectionOptions, EjectionSettings } from '../balance/options.ts'
export { PeakEwma } from '../balance/peak-ewma.ts'
export type { BalanceSnapshot, EndpointSnapshot, EndpointState } from '../balance/snapshot.ts'

export { EndpointChecks, findingOf } from '../health/checks.ts'
export type { CheckFinding, CheckSnapshot } from '../health/checks.ts'
export { resolveVerdict } from '../health/options.ts'
export type { CheckOptions, VerdictOptions, VerdictSettings } from '../health/options.ts'
export { verdict } from '../health/verdict.ts'
export type { HealthFacts, HealthStatus, HealthVerdict } from '../health/verdict.ts'
