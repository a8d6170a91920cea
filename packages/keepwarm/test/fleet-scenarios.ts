/** What limits, hedging, balance and deadlines must pass; a part of the table in resilience-scenarios.ts. */
import { of, type Tests } from './breaker-scenarios.ts'
import type { Scenario } from './scenarios.ts'

const goals = (...names: string[]): Tests => of('src/limit/goals', ...names)
const conformance = (...names: string[]): Tests => of('src/limit/conformance', ...names)

const limits: readonly Scenario[] = [
  {
    number: 61,
    law: 'Load that steps from 0.7 to 1.5 and to 0.5 of the capacity costs little goodput, and is over when it is over.',
    tests: goals('61: from 0.7 to 1.5 and to 0.5 of the capacity'),
  },
  {
    number: 62,
    law: 'A burst after a rest is served nearly as well as with the best fixed limit.',
    tests: goals('62: idle, then a burst'),
  },
  {
    number: 63,
    law: 'A server that becomes half as fast at 0.4 of its load is not strangled.',
    tests: goals('63: a server that becomes half as fast at 0.4: after 30 s at most 2 % are turned away'),
  },
  {
    number: 64,
    law: 'Ten minutes of too much leave the limit between once and twice the slots.',
    tests: goals('64: ten minutes of too much: it stays from once to twice the slots, and does not climb'),
  },
  {
    number: 65,
    law: 'Four clients who want three times as much have limits that add up to at most four times the slots.',
    tests: goals('65: four clients who want three times as much: the sum of their limits'),
  },
  {
    number: 66,
    law: 'Timeouts alone halve the limit down to its least; healed, it is back within 15 s.',
    tests: conformance(
      'halves in each window of %s, down to min',
      '66: all timeouts bring it down to min; healed, it is back at 90 % of the capacity within 15 s',
    ),
  },
  {
    number: 67,
    law: 'While less than half of it is used, a limit does not move.',
    tests: conformance('67: stays as it is while less than half of it is in flight, and answers come %s'),
  },
  {
    number: 68,
    law: 'Routes with limits of their own do not move each other.',
    tests: [
      ...goals(
        '68: with a limiter for each route, more of the slow one does not change the limit of the fast one',
      ),
      ...of(
        'test/pool-adaptive-limit',
        'each group of paths has a limit of its own, and what one does is nothing to the other',
      ),
    ],
  },
]

const races: readonly Scenario[] = [
  {
    number: 69,
    law: 'Hedges cost their share and no more; who loses is cancelled and is no failure; what may not arrive twice has none.',
    tests: [
      ...of('src/testing/fleet', 'at p95: p99.9 is cut by 95 %, with no more than 5.5 % extra'),
      ...of('src/hedge/policy', 'is a share of the requests: however many ask, no more than one in twenty'),
      ...of(
        'test/client-hedge',
        'the server of the attempt that lost sees its connection close, and can stop working',
        'over HTTP/2 the stream that lost is reset, and the session serves on',
        'with an empty budget it waits on, and never fails for it',
      ),
      ...of(
        'test/exchange-hedge',
        'the breaker hears of the answer alone: whoever lost is no failure',
        'whether there is a second attempt: %s',
        'with an empty budget it waits on, and goes out when there is something to pay with',
      ),
    ],
    except:
      'an answer carries no number of the attempt that won: `hedges_won` counts them, an error lists its attempts',
  },
  {
    number: 70,
    law: 'When the first attempt fails while a hedge is out, the result is the hedge’s.',
    tests: [
      ...of('test/exchange-hedge', '%s of the first attempt is not the answer while the second is out'),
      ...of('test/client-hedge', "%s while the hedge is out: the result is the hedge's"),
    ],
  },
  {
    number: 71,
    law: 'One slow endpoint of eleven costs nothing; never are too many taken out, and when all are bad all are tried.',
    tests: [
      ...of(
        '../../bench/support/balance-simulate',
        'load %i: better by steps, and 99.9 % in time by default',
      ),
      ...of(
        'src/balance/balancer',
        'never more than the maximum, and at least half are used',
        'all are tried when all are bad',
      ),
      ...of(
        'test/client-balance',
        'a slow one gets few of them',
        'of a dead one nobody hears: the retry goes to another',
        'each has a breaker of its own, and one that is open is passed over',
      ),
    ],
  },
  {
    number: 72,
    law: 'The header says less with each attempt; what is over is not sent at all; the clock is an argument.',
    tests: [
      ...of(
        'test/exchange-deadline',
        '%s says what is left, less with each attempt',
        'a hedge is told what is left when it goes out',
        'what is over before it began is not sent',
      ),
      ...of(
        'test/client-deadline',
        'each attempt tells the server what is left, and it becomes less',
        'what is over is not sent: the server sees no request',
      ),
      ...of('src/deadline/header', 'each attempt tells the server less; one that comes too late is not sent'),
    ],
  },
]

export const fleetScenarios: readonly Scenario[] = [...limits, ...races]
