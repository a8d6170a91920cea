/**
 * What retries, budgets, breakers, limits, hedging, balance and deadlines must pass, one law a row, and where it is
 * proved. scenarios.test.ts holds this list against the tests, as it does with those of the pool.
 */
import { breakerScenarios, of, type Tests } from './breaker-scenarios.ts'
import { callScenarios } from './call-scenarios.ts'
import { fleetScenarios } from './fleet-scenarios.ts'
import type { Scenario } from './scenarios.ts'

const decide = (...names: string[]): Tests => of('src/retry/decide', ...names)
const backoff = (...names: string[]): Tests => of('src/retry/backoff', ...names)
const budget = (...names: string[]): Tests => of('src/retry/budget', ...names)
const retryAfter = (...names: string[]): Tests => of('src/retry/retry-after', ...names)

const retries: readonly Scenario[] = [
  {
    number: 1,
    law: '503, 503, 200 is one success in three attempts.',
    tests: of('test/exchange-retry', '503, 503, 200 is one success in three attempts'),
  },
  {
    number: 3,
    law: 'With the largest draw the waits double from the base up to the cap.',
    tests: backoff(
      'full jitter with the largest draw: 50, 100, 200, 400 up to the cap',
      'doubles from the base to the cap',
    ),
  },
  {
    number: 4,
    law: 'No number of attempts makes a wait that is negative or no number.',
    tests: backoff(
      'is a finite number for every retry up to 1100 and any multiplier',
      'retry %d, where a power of two overflows, waits for the cap',
    ),
  },
  {
    number: 5,
    law: 'A wait lies between nothing and min(cap, base × multiplierⁿ).',
    tests: backoff(
      'lies between nothing and min(cap, base × multiplierⁿ)',
      'stays within [0, cap], whatever the growth and the jitter',
    ),
  },
  {
    number: 6,
    law: 'Full jitter is uniform; its mean is half the ceiling.',
    tests: backoff('is uniform: its mean is half the ceiling and no part of it is favoured'),
  },
  {
    number: 7,
    law: 'The cap comes before the draw: at the cap waits are still spread.',
    tests: backoff(
      'is still spread where the cap has cut the ceiling',
      'a cap that is reached leaves room for chance below, and none above',
    ),
  },
  {
    number: 9,
    law: 'A wait that does not fit before the deadline is not begun.',
    tests: [
      ...decide('is refused at once when it does not fit before the deadline'),
      ...of('test/exchange-retry', 'a retry that does not fit the deadline is not waited for'),
    ],
  },
  {
    number: 10,
    law: 'No attempt is begun with less time left than one usually takes.',
    tests: decide('is not begun: less time is left after the wait than one usually takes'),
  },
  {
    number: 11,
    law: 'Retry-After 0 means now: only the backoff is waited for.',
    tests: decide('is only the backoff when the server says "now"'),
  },
  {
    number: 12,
    law: 'Nobody comes back earlier than Retry-After says, and not all at once.',
    tests: [
      ...decide(
        'is never shorter than the server asked nor longer than the time left',
        'is what the server asks for and a little more, so that not all come back together',
      ),
      ...of('test/exchange-retry', 'Retry-After is never undercut, whatever the chance'),
    ],
  },
  {
    number: 13,
    law: 'Retry-After is read in seconds and three forms of date; a past date is now, garbage is nothing.',
    tests: retryAfter(
      '%j is %d ms',
      '%j is 30 s away',
      'in the past mean now',
      '%j is not understood',
      'are measured by the clock of the server that sent them',
    ),
  },
  {
    number: 14,
    law: 'A Retry-After beyond the deadline fails the call at once, and the error says for how long.',
    tests: [
      ...decide('is not begun when the server asks for more time than there is'),
      ...of('test/exchange-retry', 'a Retry-After that does not fit the deadline is answered at once'),
    ],
  },
  {
    number: 15,
    law: 'Of several Retry-After, or a list, the first valid one counts, and none throws.',
    tests: retryAfter(
      'of %j the first valid one counts',
      'nothing that a server can send throws or gives a negative wait',
    ),
  },
  {
    number: 16,
    law: 'A Retry-After that is negative, hexadecimal, with an exponent or of thirty digits is ignored.',
    tests: retryAfter('%j is not understood', 'thirty digits are not a wait'),
  },
  {
    number: 17,
    law: 'A POST goes again when it was never sent, or has an Idempotency-Key, and not otherwise.',
    tests: [
      ...decide(
        'not a %s that may have arrived',
        'a POST that was never sent',
        'a POST that the caller calls idempotent, or gives a key',
        'a request that may have been processed is never sent twice without leave',
      ),
      ...of('test/exchange-retry', '503 to a %s with headers %j'),
    ],
  },
  {
    number: 21,
    law: 'A call that its caller aborted is never tried again, whatever a hook says.',
    tests: decide('never %s, even when nothing was sent', 'cannot allow %j'),
  },
  {
    number: 22,
    law: 'A hook that throws leaves the original error in its place.',
    tests: [
      ...decide('that throws or answers nonsense ends the call, and what it threw is kept'),
      ...of('test/exchange-retry', 'a hook that throws leaves the error that it was asked about'),
    ],
  },
  {
    number: 23,
    law: 'Refused certificates, requests that cannot be sent, 501 and 505 never go again.',
    tests: decide(
      'never a certificate that was refused (%s)',
      'never %s, even when nothing was sent',
      'neither 501 nor 505, even when they are asked for; any other status that is asked for',
      'cannot allow %j',
    ),
  },
  {
    number: 24,
    law: 'The base of a wait is that of the last ending, whatever the ones before were.',
    tests: [
      ...decide('has a longer base, attempt by attempt, whatever the others were'),
      ...of('test/exchange-retry', 'after a 503 the wait begins with a longer base than after a 502'),
    ],
  },
]

const budgets: readonly Scenario[] = [
  {
    number: 25,
    law: 'When everything fails, retries end with what was there at first and the trickle.',
    tests: budget('grants start + trickle when everything fails, however many ask'),
  },
  {
    number: 26,
    law: 'When half fails, the extra load is a share of what succeeds.',
    tests: budget(
      'keeps the extra load below a tenth of what succeeds',
      '10 000 requests pay for n × %d retries, one more or less',
    ),
  },
  {
    number: 27,
    law: 'A retry that succeeds pays in no more than it took.',
    tests: budget(
      'does not mint more by a successful retry than the retry took',
      'where ours differs by design: one price for every retry, one rate for every success',
    ),
  },
  {
    number: 28,
    law: 'A token is taken before the wait: of a thousand calls that fail together five go again.',
    tests: budget('lets a thousand calls that fail together retry five times, not a thousand'),
  },
  {
    number: 29,
    law: 'Who is aborted while waiting gives the token back.',
    tests: budget(
      'takes back the token of a retry that was never sent',
      'goes back to where it was when everybody who waits is aborted',
    ),
  },
  {
    number: 30,
    law: 'Hedges and retries draw from the same bucket.',
    tests: budget('retries and hedges draw from the same bucket'),
  },
  {
    number: 31,
    law: 'A client that was idle for an hour can retry, but never more than the cap allows.',
    tests: budget('gives an idle client something to retry with, never more than the cap'),
  },
  {
    number: 32,
    law: 'Origins do not use up the budgets of each other, and all together not more than their client has.',
    tests: budget(
      'is independent of its neighbours, and all of them together stay below the cap of the parent',
      'takes a token from both, or from none',
      'pays into both and gives back to both, each up to its own cap',
    ),
  },
  {
    number: 33,
    law: 'Tokens are within [0, cap] and conserved, in any order of events.',
    tests: budget(
      'tokens stay within [0, cap] and none are lost or made, in any order of events',
      'however origins and their client interleave, tokens are conserved, and no bucket leaves [0, cap]',
    ),
  },
]

export const resilienceScenarios: readonly Scenario[] = [
  ...retries,
  ...budgets,
  ...breakerScenarios,
  ...callScenarios,
  ...fleetScenarios,
].sort((one, other) => one.number - other.number)
