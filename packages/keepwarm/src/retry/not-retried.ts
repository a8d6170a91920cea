/** Why a call is not tried again; {@link notRetriedText} says it in words. */
export type NotRetried =
  | 'not_retryable'
  | 'certificate'
  | 'queue'
  | 'hook'
  | 'hook_threw'
  | 'response_started'
  | 'not_idempotent'
  | 'body_not_replayable'
  | 'attempts_used'
  | 'retry_after_too_long'
  | 'no_time_left'
  | 'too_short'
  | 'budget_empty'

/** {@link NotRetried} in words that end the sentence "not tried again: …". */
export const notRetriedText: Readonly<Record<NotRetried, string>> = {
  not_retryable: 'another try would end the same way',
  certificate: 'a certificate was refused, and another try would meet the same one',
  queue: 'it was stuck in our own queue, to which another try would only add',
  hook: 'shouldRetry said no',
  hook_threw: 'shouldRetry threw an error',
  response_started: 'the caller already has a part of the response',
  not_idempotent:
    'the server may have processed it, and nothing says that it may be sent twice (an idempotent method, ' +
    '`idempotent: true` or an Idempotency-Key)',
  body_not_replayable: 'its body is a stream that is spent; text and bytes can be sent again',
  attempts_used: 'all attempts are used',
  retry_after_too_long: 'the server asked for a longer wait than there is time for',
  no_time_left: 'the wait before the next attempt does not fit before the deadline',
  too_short: 'the time left is shorter than an attempt usually takes',
  budget_empty: 'too few calls succeed to pay for retries',
}
