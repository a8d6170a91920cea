/** What decides whether a call may have a hedge, as the engine knows it at that moment. */
export interface HedgeFacts {
  /** By the method, the caller's word or a key: whether the server may get it twice. */
  readonly mayArriveTwice: boolean
  /** The body can be sent again, from its first byte. */
  readonly replayable: boolean
  /** A part of the response has reached the caller. */
  readonly responseStarted: boolean
  readonly breakerClosed: boolean
  /** The origin's limit is all but reached. */
  readonly limitTight: boolean
  /** Others stand in line for a connection: nobody may have two while they have none. */
  readonly poolBusy: boolean
  /** Of this call, so far. */
  readonly hedges: number
  /** To the deadline of the call, in ms; may be Infinity. */
  readonly timeLeft: number
}

/** Why a call gets no hedge; {@link hedgeRefusalText} says it in words. */
export type HedgeRefusal =
  | 'not_idempotent'
  | 'body_not_replayable'
  | 'response_started'
  | 'attempts_used'
  | 'breaker_not_closed'
  | 'limit_tight'
  | 'pool_busy'
  | 'stood_down'
  | 'too_few_samples'
  | 'no_time_left'
  | 'share_used'
  | 'budget_empty'

export const hedgeRefusals: readonly HedgeRefusal[] = [
  'not_idempotent',
  'body_not_replayable',
  'response_started',
  'attempts_used',
  'breaker_not_closed',
  'limit_tight',
  'pool_busy',
  'stood_down',
  'too_few_samples',
  'no_time_left',
  'share_used',
  'budget_empty',
]

/** {@link HedgeRefusal} in words that end the sentence "no hedge: …". */
export const hedgeRefusalText: Readonly<Record<HedgeRefusal, string>> = {
  not_idempotent:
    'nothing says that it may be sent twice (an idempotent method, `idempotent: true` or an Idempotency-Key)',
  body_not_replayable: 'its body is a stream that can be sent only once',
  response_started: 'the response has begun',
  attempts_used: 'the call has had as many as it may have',
  breaker_not_closed: 'the breaker has doubts about the origin',
  limit_tight: 'the limit of the origin is all but reached',
  pool_busy: 'others wait for a connection',
  stood_down: 'requests wait for each other at the server, and more of them would make it worse',
  too_few_samples: 'too few answers are known to tell what is slow',
  no_time_left: 'it could not be answered before the deadline',
  share_used: 'hedges have had their share of the requests',
  budget_empty: 'too few calls succeed to pay for more attempts',
}

/**
 * Whether another moment may bring another answer: then the call may ask again while it waits. What lies in the
 * request itself does not change.
 */
export function mayChange(refusal: HedgeRefusal): boolean {
  return !final.has(refusal)
}

const final: ReadonlySet<HedgeRefusal> = new Set<HedgeRefusal>([
  'not_idempotent',
  'body_not_replayable',
  'response_started',
  'attempts_used',
  'no_time_left',
])

/** What the facts alone forbid, the request itself first. */
export function forbidden(facts: HedgeFacts, most: number): HedgeRefusal | undefined {
  if (!facts.mayArriveTwice) return 'not_idempotent'
  if (!facts.replayable) return 'body_not_replayable'
  if (facts.responseStarted) return 'response_started'
  if (facts.hedges >= most) return 'attempts_used'
  if (!facts.breakerClosed) return 'breaker_not_closed'
  if (facts.limitTight) return 'limit_tight'
  return facts.poolBusy ? 'pool_busy' : undefined
}
