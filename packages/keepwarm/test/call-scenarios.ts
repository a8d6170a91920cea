/** What a whole call must pass, with its waits, its limits and its races; a part of the table in resilience-scenarios.ts. */
import { of, type Tests } from './breaker-scenarios.ts'
import type { Scenario } from './scenarios.ts'

const client = (name: string, ...names: string[]): Tests => of(`test/client-${name}`, ...names)
const exchange = (name: string, ...names: string[]): Tests => of(`test/exchange-${name}`, ...names)
const pool = (name: string, ...names: string[]): Tests => of(`test/pool-${name}`, ...names)

export const callScenarios: readonly Scenario[] = [
  {
    number: 2,
    law: 'When all attempts are used the last answer is the result; the bodies of the others were read, their sockets kept.',
    tests: [
      ...exchange(
        'retry',
        'when all attempts are used the last response is the answer, and earlier ones were read to their end',
        'an endless error body is given up, and the connection with it',
      ),
      ...client('faults', '503, 503, 200 over a real socket is one success, and one connection'),
    ],
  },
  {
    number: 8,
    law: 'Who aborts while it waits for its next attempt is told at once, with the reason; no timer is left.',
    tests: exchange(
      'abort',
      'aborted by the ${manner} while %s',
      'aborting again, or after the end, changes nothing',
    ),
  },
  {
    number: 18,
    law: 'A POST whose bytes went out is not sent again; one that met a kept connection already gone is, and for free.',
    tests: [
      ...exchange(
        'retry',
        'a lost connection: a %s',
        'a kept connection that was gone before a byte was written costs no attempt, no token, no wait',
      ),
      ...client('faults', 'a kept connection that the server closes under a %s that may arrive twice: %s'),
    ],
  },
  {
    number: 19,
    law: 'A stream that was read is not sent again, and the error says why; a function makes identical bytes.',
    tests: [
      ...exchange('retry', 'a stream that was sent is not sent again, and the error says why'),
      ...exchange(
        'body',
        'each attempt gets one of its own, and each is closed when the call is over',
        'a function that throws the second time ends the call, with both attempts in the error',
        'a POST whose body can be made again is still not sent twice without leave',
      ),
      ...client(
        'presets',
        'a body that is made for each attempt comes whole each time',
        'also when the connection was lost in the middle of it',
        'a stream that is spent is not sent again, and the error says what to do',
      ),
    ],
  },
  {
    number: 20,
    law: 'A download that breaks off goes on where it stopped when that is asked for and the version has a strong ETag.',
    tests: [
      ...client(
        'resume',
        'the caller sees one body, byte by byte, however often it breaks off',
        'it does not go on when %s',
        'a rest that %s is not given to the caller',
      ),
      ...of(
        'src/retry/resume',
        'asks for what is missing, of the same version only',
        'whatever the server does, the bytes that are delivered are those of the file, in their order',
      ),
    ],
  },
  {
    number: 52,
    law: 'Each phase has a limit with its own name in the error; the total wins ties.',
    tests: [
      ...exchange(
        'time',
        'in %s %j ends it as %s',
        'the total wins a tie with every other limit',
        'the limit that was reached is named, not the one that belongs to the phase',
      ),
      ...client(
        'faults',
        'a host that nobody knows',
        'a host that does not answer',
        'more calls than the pool serves: the numbers say why',
      ),
      ...pool('faults', 'a handshake that never ends fails after connectTimeout'),
    ],
    except: 'name resolution, connecting and TLS share one limit, connectTimeout; the cause tells them apart',
  },
  {
    number: 53,
    law: 'Who waits for a connection has one deadline, also when it loses one and waits again.',
    tests: of(
      'src/pool/core-lanes',
      'stays with a request that lost its connection',
      'goes to the next when a request that lost its connection has no time for another',
    ),
  },
  {
    number: 54,
    law: 'The time in our own line is in no sample of the limit, the balance or the hedges.',
    tests: [
      ...pool('adaptive-limit', 'the time in our own line is in no sample, nor that of a long body'),
      ...exchange(
        'hedge',
        'an attempt that lost counts as one that takes at least as long; one that failed counts as nothing',
        'the delay counts from when the first attempt is written, not from when it began to wait',
      ),
    ],
  },
  {
    number: 55,
    law: 'Who leaves the line frees its place at once.',
    tests: [
      ...of('src/pool/core', 'a waiter that leaves frees its place; its dial is pooled for the next'),
      ...of(
        'src/pool/core-scenes',
        'a place in line lost by leaving is lost: the others move up, in their order',
      ),
      ...pool('line', 'whoever left the line is forgotten: neither its handler nor its body stays in memory'),
    ],
  },
  {
    number: 56,
    law: 'A connection is held until the work on its socket has stopped, not until its caller was told.',
    tests: [
      ...of(
        'src/pool/core-scenes',
        'a connection on its way out holds its place: at the limit the next is dialed when its socket is gone',
      ),
      ...pool(
        'places',
        'a hundred requests at once have as many connections as one origin may, no more and no fewer',
      ),
    ],
  },
  {
    number: 57,
    law: 'The line is served in order; under overload the newest first, or only briefly, where that is asked for.',
    tests: [
      ...pool(
        'line',
        'requests arrive in the order in which they were made; who is asked for by an answer comes last',
      ),
      ...of(
        'src/pool/core-lanes',
        'lifo: in order while it is a burst, the newest first when it lasts',
        'codel: who comes to a line that has long not been empty waits for a moment only',
      ),
    ],
  },
  {
    number: 58,
    law: 'Who waited for too long is never sent.',
    tests: [
      ...of('src/pool/core', 'the wait ends at its deadline, not before and not later'),
      ...of(
        'src/pool/core-scenes',
        'a connection in the millisecond of the timeout, after it: the next in line has it, or it rests',
      ),
      ...client('deadline', 'whoever waits for a connection leaves the line when the surroundings end'),
    ],
  },
  {
    number: 59,
    law: 'A body that nobody reads is reported; the connection is free when it is let go of, or at the deadline.',
    tests: [
      ...pool(
        'leak',
        'a body that nobody reads is reported once, with where it was asked for, and destroying it frees the connection',
      ),
      ...exchange('time', 'the total holds while the reader pauses, and says nothing about the server'),
    ],
    except:
      'a reader that pauses is no silence of the server: the limit of a paused body is the total, not bodyIdleTimeout',
  },
  {
    number: 60,
    law: 'What our own line refuses does not touch the breaker.',
    tests: exchange(
      'breaker',
      'it is not opened by what is not the doing of the server',
      'a probe that our own queue refused says nothing, and another may go',
    ),
  },
]
