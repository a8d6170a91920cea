/** What a breaker must pass; a part of the table in resilience-scenarios.ts. */
import type { Scenario } from './scenarios.ts'

export type Tests = Extract<Scenario, { tests: unknown }>['tests']

/** Tests of one file of the package: `src/retry/decide`. */
export function of(path: string, ...names: string[]): Tests {
  return names.map((name) => ({ file: `${path}.test.ts`, name }))
}

const machine = (...names: string[]): Tests => of('src/breaker/machine', ...names)
const admission = (...names: string[]): Tests => of('src/breaker/admission', ...names)

export const breakerScenarios: readonly Scenario[] = [
  {
    number: 34,
    law: 'Below the least number of completions no share of failures opens it; failed connects in a row do.',
    tests: machine(
      'stays closed below twenty completions, even if all fail',
      'opens after five failures to connect in a row, however seldom it is called',
    ),
  },
  {
    number: 35,
    law: 'Exactly at the threshold it opens, one below it does not.',
    tests: machine('opens when exactly half of the completions fail, not when one less does'),
  },
  {
    number: 36,
    law: 'What is older than the window is forgotten, also over a gap without calls.',
    tests: machine(
      'forgets failures that are older than the window',
      'forgets them bucket by bucket',
      'remembers nothing after an idle gap',
    ),
  },
  {
    number: 37,
    law: 'Calls under way do not dilute the share of failures.',
    tests: machine('counts completions only: calls under way do not dilute the share'),
  },
  {
    number: 38,
    law: 'A failure of a call that began before does nothing.',
    tests: machine(
      'changes nothing while open',
      'neither closes nor re-opens when half-open',
      'is not counted after it has closed again',
    ),
  },
  {
    number: 39,
    law: 'Nor does a success of such a call close a half-open breaker.',
    tests: machine(
      'neither closes nor re-opens when half-open',
      'a probe of the time before does not count for this one',
    ),
  },
  {
    number: 40,
    law: 'Half-open lets so many probes go, and refuses the next at once.',
    tests: machine(
      'lets three probes through at once and refuses the fourth',
      'holds no permit of this one: three probes may go',
    ),
  },
  {
    number: 41,
    law: 'A probe whose caller left gives its permit back; the breaker stays half-open and the next may go.',
    tests: machine('takes the permit back from a probe that says nothing, and stays half-open'),
  },
  {
    number: 42,
    law: 'The permit of a probe that never comes back is free again when its time is over.',
    tests: [
      ...machine(
        'takes the permit back from a probe that never comes back',
        'an overdue probe does not take the permit of the one after it, but what it tells counts',
      ),
      ...admission('may take twice what answers took, and its permit goes to another then'),
    ],
  },
  {
    number: 43,
    law: 'A probe that our own line or another gate refused gives its permit back.',
    tests: [
      ...of('test/exchange-breaker', 'a probe that our own queue refused says nothing, and another may go'),
      ...of(
        'test/exchange-admission',
        'a probe that our own queue refuses gives its permit back: %s',
        'a probe that is turned away by hand gives its permit back',
      ),
    ],
  },
  {
    number: 44,
    law: 'A probe that is answered 404 succeeded; one that was aborted or refused here says nothing.',
    tests: [
      ...machine(
        'a server that answers 404 is alive',
        'is not closed by any number of probes that say nothing',
      ),
      ...admission('of %d that have to succeed: %s leaves it %s'),
    ],
  },
  {
    number: 45,
    law: 'The time of open follows its sequence within the band of chance, and shrinks with healthy intervals.',
    tests: [
      ...machine(
        'is the same for three openings, then doubles up to a minute',
        'is shortened by chance, by a quarter at most',
        'goes on growing when it trips again at once, and shrinks with every healthy interval',
      ),
      ...of(
        'src/breaker/latency',
        'lies within a quarter below the sequence 5, 5, 5, 10, 20, 40, 60, 60 s, for ten thousand draws',
      ),
    ],
  },
  {
    number: 46,
    law: 'Hands that hold it open are counted: one that lets go leaves it open while another holds.',
    tests: of(
      'src/breaker/forcing',
      'by several hands it stays open until the last lets go, and a hand lets go once',
      'it wins over closed',
    ),
  },
  {
    number: 47,
    law: 'A hundred calls that end together cause one transition, told once.',
    tests: machine('opens once, though a hundred calls fail together', 'closes after three successes, once'),
  },
  {
    number: 48,
    law: 'Its state survives a round trip through JSON, whatever the clocks of both sides say.',
    tests: [
      ...of(
        'src/breaker/saved',
        'a saved state is plain JSON without a moment in it: neither clock matters',
        'keeps an open breaker open for as long as was left',
      ),
      ...machine('a clock that goes back moves nothing'),
    ],
  },
  {
    number: 49,
    law: 'It has no timers: nothing keeps a process alive.',
    tests: admission('ten thousand breakers hold nothing that keeps a process alive'),
  },
  {
    number: 50,
    law: '5xx and timeouts open it; 429s and callers who leave do not.',
    tests: [
      ...machine('a hundred %s leave it %3$s'),
      ...of('test/exchange-breaker', 'callers that leave do not open it'),
    ],
  },
  {
    number: 51,
    law: 'In any life it does what a slow and simple machine does.',
    tests: of('src/breaker/machine.model', 'a breaker does what the slow machine does, in any life'),
  },
]
