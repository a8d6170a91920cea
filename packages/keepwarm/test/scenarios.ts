/**
 * What a good connection pool must pass, one law a row, and where it is proved. scenarios.test.ts holds this list
 * against the tests: a test that is renamed or lost is noticed.
 */

export interface Proof {
  /** From the folder of the package. */
  readonly file: string
  /** As it stands in the source: of `test.each` the template, not one of its rows. */
  readonly name: string
}

export type Scenario = {
  readonly number: number
  /** What must hold, whatever happens. */
  readonly law: string
} & (
  | {
      readonly tests: readonly Proof[]
      /** A part of the scenario that does not apply, and why. */
      readonly except?: string
      /** Some of its tests, or all, are still to be written. */
      readonly later?: true
    }
  | { /** Why it does not apply. */ readonly not: string }
)

/** Tests of one file: `pool-race` in test/, `src/…` anywhere in the package. */
function of(file: string, ...names: string[]): Proof[] {
  const path = file.includes('/') ? `${file}.test.ts` : `test/${file}.test.ts`
  return names.map((name) => ({ file: path, name }))
}

const core = (...names: string[]): Proof[] => of('src/pool/core', ...names)
const scenes = (...names: string[]): Proof[] => of('src/pool/core-scenes', ...names)
const life = (...names: string[]): Proof[] => of('src/pool/core-life', ...names)
const laws: readonly Proof[] = of(
  'src/pool/core.simulation',
  'the laws hold after every one of ${SEEDS * STEPS} steps',
)

const reuse: readonly Scenario[] = [
  {
    number: 1,
    law: 'Requests one after another share one connection.',
    tests: of('pool-limits', '50 requests one after another use one connection'),
  },
  {
    number: 2,
    law: 'So do POSTs, HEADs, and answers without a body, in chunks or packed.',
    tests: [
      ...of('pool-limits', 'POSTs with bodies one after another use one connection'),
      ...of('pool-traps', 'T5: HEAD keeps its connection'),
      ...of('pool-reuse', 'after a complete body the connection is used again: %s'),
    ],
  },
  {
    number: 3,
    law: 'A connection is used again when its body was read to the end; a body let go of before takes it along.',
    tests: [
      ...of(
        'pool-reuse',
        'a body that is let go of before its end takes its connection along, and the next is dialed',
      ),
      ...of(
        'client-response',
        'letting go of a response that is still coming closes its connection; of one that is complete, not',
      ),
      ...of('pool-h2-faults', 'a body that is let go of takes its stream along, and not its session'),
    ],
  },
  {
    number: 4,
    law: 'An answer whose length only the end of the connection tells ends the connection.',
    tests: of(
      'pool-reuse',
      'a body that ends only with its connection is read whole, and the connection is not used again',
    ),
  },
  {
    number: 5,
    law: 'Connection: close is obeyed, whichever side says it.',
    tests: [
      ...of('pool-keep-alive', 'Connection: close is heeded, and those in line go on'),
      ...of(
        'pool-reuse',
        'a request that asks for Connection: close ends its connection, and those in line go on',
      ),
    ],
  },
  {
    number: 6,
    law: 'The connection that came to rest last is used first, so that the others can end.',
    tests: [
      ...core('the newest idle connection is used first'),
      ...of('pool-limits', 'the newest idle connection is used first, so that the others can end'),
    ],
    except: 'no other order is offered: it would keep connections alive that nobody needs',
  },
  {
    number: 7,
    law: 'While a connection is open and idle nothing is dialed, whatever became of the others.',
    tests: of(
      'pool-reuse',
      'an open idle connection comes before a new one, whichever of its siblings have ended',
    ),
  },
  {
    number: 8,
    law: 'Who waits takes whatever comes first, a freed connection or a dial; the other is kept for the next.',
    tests: [
      ...core('a connection freed during a dial serves the waiter, the dial is pooled'),
      ...of(
        'pool-reuse',
        'a connection that is freed while another is dialed serves who waits, and the dialed one is kept',
      ),
    ],
  },
  {
    number: 9,
    law: 'Requests that differ in scheme, host, port, TLS name, TLS options, proxy or protocol never share a connection.',
    tests: [
      ...of(
        'pool-traps',
        'T15: origins and callers that may not share a connection are kept and counted apart',
        'T15: spellings of one origin share their connections',
      ),
      ...of('pool-origin-tls', 'sessions are resumed within a configuration, and asked for once'),
      ...of('pool-proxy-environment', 'one pool: http by one proxy, https by another, and some directly'),
    ],
  },
  {
    number: 10,
    law: 'An answer that is complete before its request was ends the connection.',
    tests: [
      ...of('pool-keep-alive', 'an answer before the request was written ends the connection'),
      ...of(
        'pool-uploads',
        'a server that answers before it has read the upload: the answer is told, and the upload ends',
      ),
    ],
  },
  {
    number: 11,
    law: 'More bytes than a response announced never become the answer to somebody else.',
    tests: [
      ...of(
        'pool-keep-alive',
        'an answer that comes in the same packet as the one before never reaches the next request',
      ),
      ...of('pool-faults', 'an answer that ends %s fails, and the line goes on'),
    ],
  },
  {
    number: 12,
    law: 'A connection on which anything arrives while it is idle is dropped, unused ones included.',
    tests: of(
      'pool-keep-alive',
      '%s on an idle connection that has served: dropped, and nobody is harmed',
      '%s on a connection that never served: dropped, and nobody is harmed',
    ),
  },
]

const limits: readonly Scenario[] = [
  {
    number: 13,
    law: 'However many come at once, an origin has as many connections as it may, and all are answered.',
    tests: of(
      'pool-places',
      'a hundred requests at once have as many connections as one origin may, no more and no fewer',
    ),
  },
  {
    number: 14,
    law: 'Dials under way hold places.',
    tests: [
      ...core('dials count against the limit of an origin, the line is first come first served'),
      ...of(
        'pool-places',
        'dials that hang hold their places: there are never more of them than connections allowed',
      ),
    ],
  },
  {
    number: 15,
    law: 'A failed dial gives its place back.',
    tests: [
      ...scenes('the place of a failed dial goes to whoever waits for room, another origin included'),
      ...of('pool-places', 'the places of dials that failed are free at once, for whichever origin'),
      ...of('pool-traps', 'T7: a dial that takes too long fails on time, and its place is free again'),
    ],
  },
  {
    number: 16,
    law: 'So does an idle connection that the server closed.',
    tests: [
      ...scenes(
        'the place of an idle connection that the server closed is free, and nobody is evicted for it',
      ),
      ...of(
        'pool-places',
        'the places of idle connections that the server closed are free, and nobody has to make room',
      ),
    ],
  },
  {
    number: 17,
    law: 'One limit holds over all origins; the idle connections of one make room for the requests of another.',
    tests: [
      ...of(
        'pool-limits',
        'the limit of all connections holds over several origins, and none of them starves',
        'an idle connection of another origin makes room for one that is needed',
      ),
      ...core('at the limit of all connections the longest idle one of another origin makes room'),
    ],
  },
  {
    number: 18,
    law: 'One address has its own limit, however many names lead to it.',
    tests: of(
      'pool-addresses',
      'a name that leads to two addresses has connections to both, at most so many to each',
      'two names that lead to one address share its limit, and neither starves',
      'the limit can be changed at run time, and counts what is there already',
    ),
  },
  {
    number: 19,
    law: 'Connections on their way out hold their places: no limit is exceeded while others take over.',
    tests: [
      ...scenes(
        'a connection on its way out holds its place: at the limit the next is dialed when its socket is gone',
      ),
      ...of(
        'pool-places',
        'a session that finishes a long stream after a GOAWAY holds its place, and the limit holds',
      ),
      ...of(
        'pool-traps',
        'T8: an old connection is retired by itself when idle, and the limit holds meanwhile',
      ),
    ],
  },
  {
    number: 20,
    law: 'Upgraded sockets and tunnels hold their places until they are closed, and keep nobody from making room.',
    tests: [
      ...of(
        'pool-upgrade',
        'an upgraded socket is the caller’s, and counts until it is closed',
        'a tunnel over HTTP/2 counts until it is closed, and its siblings go on',
        'a connection that was upgraded keeps nobody else from getting room',
      ),
      ...core('an origin with nothing but a tunnel has its turn like one that has nothing'),
    ],
  },
  {
    number: 21,
    law: 'Limits changed at run time take effect at once where nobody is cut, else as connections are freed.',
    tests: [
      ...core(
        'limits lowered at run time: idle ones go at once, busy ones when they are freed',
        'limits raised at run time: whoever waits is dialed for',
        'limits raised at run time: the origins that waited for room have it first',
      ),
      ...of(
        'pool-warm',
        'setLimits: lower ones are reached without cutting anything, wrong ones change nothing',
      ),
    ],
  },
  {
    number: 22,
    law: 'No more connections stay idle than allowed; the one that rested longest goes first, whatever its origin.',
    tests: [
      ...core('surplus idle connections are closed after the grace, oldest first, and not before'),
      ...scenes('of the idle ones the oldest of all goes first, whatever its origin'),
    ],
    except: 'an origin has no idle limit of its own: it keeps no more idle ones than it may have in all',
  },
  {
    number: 23,
    law: 'Steady traffic on more connections than may stay idle closes and opens none of them.',
    tests: [
      ...core('an idle connection in steady use is never closed by the idle limit'),
      ...of('pool-limits', '400 requests of 20 workers use exactly 20 connections, and 5 of them are kept'),
    ],
  },
  {
    number: 24,
    law: 'No idle connections or no idle time allowed means that none is kept, and requests are served all the same.',
    tests: [
      ...scenes('no idle connections allowed: one that rests goes when the grace is over'),
      ...of(
        'pool-places',
        'no idle connections allowed: a connection is used again within the grace and closed after it',
        'no idle time allowed: each request has a connection of its own',
      ),
    ],
  },
]

const line: readonly Scenario[] = [
  {
    number: 25,
    law: 'Those who wait for one origin are served in the order in which they came; nobody overtakes.',
    tests: [
      ...scenes(
        'who comes as a connection is freed cannot overtake who waits',
        'a place in line lost by leaving is lost: the others move up, in their order',
      ),
      ...of(
        'pool-line',
        'requests arrive in the order in which they were made; who is asked for by an answer comes last',
      ),
    ],
  },
  {
    number: 26,
    law: 'An origin that is asked much cannot starve one that is asked little.',
    tests: [
      ...core(
        'an origin over its share gives a freed connection up when another has none and waits',
        'origins that wait for room are served in turn',
        'the only connection changes hands when another origin has waited long enough for its first',
      ),
      ...laws,
    ],
  },
  {
    number: 27,
    law: 'A wait ends at its deadline, with an error that has the numbers, and gives up its place.',
    tests: [
      ...core('the wait ends at its deadline, not before and not later'),
      ...scenes('no time to wait: what is free is taken, nothing is dialed'),
      ...of('pool-limits', 'who waits too long is told what held the connections'),
      ...of(
        'pool-line',
        'acquireTimeout 0: what is free is used, and for nothing else is waited or dialed',
        'whoever was refused for waiting too long holds no place: the connection goes to the next',
      ),
    ],
  },
  {
    number: 28,
    law: 'A connection and a deadline in the same moment: one of them wins, and the connection is not lost.',
    tests: scenes(
      'a connection in the millisecond of the timeout, before it: it is served and never refused',
      'a connection in the millisecond of the timeout, after it: the next in line has it, or it rests',
      'a dial in the millisecond of the timeout of the only one in line is pooled',
    ),
  },
  {
    number: 29,
    law: 'A full line turns the next one away at once, with an error of its own.',
    tests: [
      ...core('the line is bounded: one more fails at once'),
      ...of('pool-limits', 'the line is bounded: the next in it fails at once, with the numbers'),
    ],
  },
  {
    number: 30,
    law: 'Whoever leaves the line is gone from it at once; no socket hears of it, no memory keeps it.',
    tests: [
      ...of('pool-undici', '%s that waits can be aborted at once, and no socket is touched'),
      ...of(
        'pool-line',
        'whoever left the line is forgotten: neither its handler nor its body stays in memory',
      ),
      ...of('client-signal', 'a call that leaves the line takes nobody along'),
    ],
  },
  {
    number: 31,
    law: 'A request that was aborted before it came dials nothing and harms no connection.',
    tests: [
      ...of(
        'pool-traps',
        'T3: who aborted before it was dispatched never dials',
        'T3: who aborts after it was given a connection and before it was written harms nobody',
      ),
      ...of('client-signal', 'a signal that is aborted already: the server sees no connection'),
      ...of(
        'pool-h2-faults',
        'who aborts after it was given a session and before it was written harms nobody',
      ),
    ],
  },
  {
    number: 32,
    law: 'A fetch, which hides its signal from the pool, can be aborted in line like all others.',
    tests: [
      ...of('pool-undici', '%s that waits can be aborted at once, and no socket is touched'),
      ...of('pool-fetch', 'the built-in fetch can be aborted while it waits'),
    ],
  },
  {
    number: 33,
    law: 'A hundred thousand may wait and leave: each at the same small cost, and the memory is free again.',
    tests: [
      ...scenes('leaving costs the same, however long the line'),
      ...of(
        'pool-line',
        'a hundred thousand wait, and all leave: each hears it once, no socket was touched, the memory is free again',
        'a signal that many wait with keeps no listener of theirs when they have left or been served',
      ),
    ],
  },
  {
    number: 34,
    law: 'A failed dial fails those for whom it was the last hope; the others wait for theirs.',
    tests: [
      ...core(
        'a failed dial does not fail who came after it began: another is dialed for them',
        'while others still work, a failed dial is tried again after a moment, and costs nobody',
      ),
      ...scenes('a failed dial fails who stood in line for it; who has another hope waits on'),
    ],
  },
  {
    number: 35,
    law: 'A dead origin is dialed with growing pauses, and those who wait for it fail soon and together.',
    tests: [
      ...core('fifty requests to a dead origin cost one round of dials and share the failure'),
      ...of('pool-faults', 'a dead origin is not dialed wildly, and recovers'),
      ...of(
        'pool-traps',
        'T2: a dial that fails with %s fails those who wait for it, promptly and with few dials',
      ),
    ],
  },
  {
    number: 36,
    law: 'A pool that is being closed turns new requests away and serves those in line.',
    tests: [
      ...core('shutdown closes what is idle, finishes what runs and waits, refuses what comes'),
      ...of(
        'pool-close',
        'close() finishes what runs and what waits, and resolves when the last socket is gone',
      ),
    ],
    except: 'a pool cannot be suspended and resumed: HTTP has no fail-over of the whole pool to wait for',
  },
  {
    number: 37,
    law: 'dispatch() says whether the request had to wait; drain comes once when nobody waits any more.',
    tests: [
      ...of('pool-undici', 'dispatch answers false while the request waits, and true when it went out'),
      ...of('pool-limits', 'drain is emitted once per busy period, when nobody waits any more'),
      ...of(
        'pool-line',
        'drain comes once for each time that somebody had to wait, also when whoever waited left',
      ),
    ],
  },
]

const ageAndHealth: readonly Scenario[] = [
  {
    number: 38,
    law: 'An idle connection ends at its time.',
    tests: [
      ...core(
        "an idle connection ends at its time; the server's hint moves it, less the margin, up to the cap",
      ),
      ...of('pool-keep-alive', 'an idle connection is closed after idleTimeout'),
    ],
  },
  {
    number: 39,
    law: 'A keep-alive time that the server names is believed, less a margin; one within the margin means never.',
    tests: [
      ...core('a hint within the margin means: not again'),
      ...of(
        'pool-keep-alive',
        'T6: Keep-Alive: timeout=1 leaves no time after the margin, and the connection is not used again',
        'T6: a hint lengthens the time up to the cap, and shortens it less the margin',
      ),
    ],
    except: '`max` is not counted: a server that has had enough says Connection: close with its last answer',
  },
  {
    number: 40,
    law: 'No hint lengthens the time beyond what the user allows.',
    tests: of(
      'pool-keep-alive',
      'T6: a hint lengthens the time up to the cap, and shortens it less the margin',
      'T6: without an option of its own a hint is believed only up to the idle timeout that was set',
    ),
  },
  {
    number: 41,
    law: 'A connection in use is not idle, however long it takes.',
    tests: [
      ...core('a connection in use is looked at for its age alone, however short it may rest'),
      ...of('pool-keep-alive', 'a connection in use is not idle, however long it takes'),
    ],
  },
  {
    number: 42,
    law: 'When the clock is suddenly ahead no connection is used that is over its time, though no timer has rung.',
    tests: [
      ...scenes(
        'after a sleep nobody is given a connection that has rested too long, though no alarm has rung',
        'after a sleep nobody is given a connection that is too old',
      ),
      ...of(
        'pool-sleep',
        'after a sleep connections that %s are not used again',
        'who waited through the sleep is told that it took too long, and holds no place',
      ),
      ...laws,
    ],
  },
  {
    number: 43,
    law: 'A server that closes an idle connection costs nobody anything, and nobody is told an error.',
    tests: [
      ...of(
        'pool-keep-alive',
        '%s on an idle connection that has served: dropped, and nobody is harmed',
        'the same over TLS',
      ),
      ...of('pool-h2', 'an idle session that ends with a %s is replaced'),
    ],
  },
  {
    number: 44,
    law: 'Nor does one that resets it.',
    tests: [
      ...of('pool-keep-alive', '%s on an idle connection that has served: dropped, and nobody is harmed'),
      ...of(
        'pool-traps',
        'T4: a reset that waits in the kernel as the next request goes out costs it nothing',
      ),
    ],
  },
  {
    number: 45,
    law: 'Nor one that sends a 408 before it closes.',
    tests: of(
      'pool-keep-alive',
      '%s on an idle connection that has served: dropped, and nobody is harmed',
      '%s on a connection that never served: dropped, and nobody is harmed',
    ),
  },
  {
    number: 46,
    law: 'A connection that reached its age ends: an idle one at once, a busy one after its request, handed on never.',
    tests: [
      ...core('age: an idle one ends at its time, a busy one after its request'),
      ...scenes('a connection that grew too old in use is not handed on: who waits has another dialed'),
      ...of(
        'pool-traps',
        'T8: an old connection is retired by itself when idle, and the limit holds meanwhile',
      ),
    ],
  },
  {
    number: 47,
    law: 'Connections that were opened together end apart.',
    tests: [
      ...core('jitter takes off up to its share of the age, by chance'),
      ...scenes('a hundred connections opened together end apart: in no second more than a tenth of them'),
    ],
  },
  {
    number: 48,
    law: 'The successor of a connection that grows old is ready before it leaves, within the limits.',
    tests: life(
      'a connection in use has its successor before it is too old, and then takes no more requests',
      'while the successor is dialed, the old one serves',
      'at its limit an origin gets no successor: the old one goes when its time has come',
      'when its dial fails, the old one serves until its time has come',
    ),
  },
  {
    number: 49,
    law: 'A connection serves as many requests as it may and no more, over HTTP/2 as well.',
    tests: [
      ...core('a connection serves so many requests and no more'),
      ...scenes(
        'HTTP/2: a session takes as many requests as it may, however many of them run, and finishes them',
      ),
      ...of('pool-keep-alive', 'a connection serves no more requests than it may'),
    ],
  },
  {
    number: 50,
    law: 'One connection, those of an origin or all can be retired softly: what runs on them is finished.',
    tests: of('pool-connections', 'evict retires one, those of an origin, or all; what runs is finished'),
  },
  {
    number: 51,
    law: 'Idle connections are probed, and a probe never delays a request.',
    not:
      'over HTTP/1.1 the only probe is a request, which costs the server work and changes its figures; ends, resets and ' +
      'stray bytes on idle connections are heard anyway, and a request that meets one too late goes again unseen. ' +
      'HTTP/2 sessions are pinged: 83.',
  },
  {
    number: 52,
    law: 'A connection that led nowhere is never used again, and its siblings must prove themselves.',
    tests: [
      ...life(
        'casts suspicion on connections that rest since before it went out',
        'casts none when the origin answered another since',
      ),
      ...of('pool-silence', 'over HTTP/1.1 a connection that went silent is never used again'),
    ],
  },
  {
    number: 53,
    law: 'How long a server keeps idle connections is learned from when it closes them.',
    tests: [
      ...core('a server that was seen to close idle connections after 5 s is not given the chance again'),
      ...of(
        'src/pool/idle-lesson',
        'two closes after about the same rest, at different times, are a lesson',
        'a restart that closes everything at once is none, however many connections it closes',
      ),
    ],
  },
  {
    number: 54,
    law: 'When a name leads elsewhere new dials go there, and connections to where it led before end.',
    tests: of(
      'pool-addresses',
      'when a name leads elsewhere, old connections finish what they carry and new requests go there',
      'an address that is missing once, or a look-up that fails, drains nothing',
    ),
  },
  {
    number: 55,
    law: 'Who waits keeps the process alive; idle connections do not.',
    tests: of(
      'pool-process',
      'T16: idle connections (%s) do not keep the process alive',
      'T16: who waits for a connection keeps the process alive, to the end of the wait',
      'T16: a dial that hangs in its name lookup keeps the process alive for who waits',
      'T16: a dial that nobody waits for any more does not keep the process alive',
    ),
  },
]

const raceAndRetries: readonly Scenario[] = [
  {
    number: 56,
    law: 'A server that closes an idle connection as a GET goes out on it costs the caller nothing.',
    tests: of('pool-race', '1,000 GETs against a server that closes by %s: none fails'),
  },
  {
    number: 57,
    law: 'Nor does one that resets it.',
    tests: of('pool-race', '1,000 GETs against a server that closes by %s: none fails'),
  },
  {
    number: 58,
    law: 'A connection that never served and is closed without an answer is believed: nothing goes out again.',
    tests: of('pool-race', 'a connection that never served is believed: nothing is sent again'),
  },
  {
    number: 59,
    law: 'A POST without a key goes again only when not a byte of it was written.',
    tests: [
      ...of(
        'pool-race',
        'a keyed POST goes again, a POST without a key does not: the server may have processed it',
      ),
      ...of(
        'pool-traps',
        'T4: a reset that waits in the kernel as the next request goes out costs it nothing',
      ),
    ],
  },
  {
    number: 60,
    law: 'A POST with a key, or that the caller calls idempotent, goes again.',
    tests: of(
      'pool-race',
      'a keyed POST goes again, a POST without a key does not: the server may have processed it',
      'idempotent: true is the word of the caller, and so is false',
    ),
  },
  {
    number: 61,
    law: 'A stream goes again only while nobody has touched it.',
    tests: [
      ...of('pool-race', 'a stream is not sent again'),
      ...of(
        'pool-once',
        'a stream that nobody has touched goes out on the next connection, from its first byte',
      ),
      ...of('exchange-retry', 'a stream that never left is sent on the next connection'),
    ],
  },
  {
    number: 62,
    law: 'Nothing goes again after the first byte of its response.',
    tests: of('pool-race', 'never after the first byte of a response'),
  },
  {
    number: 63,
    law: 'A server that always closes is asked twice by the pool, and by a client no oftener than its budget allows.',
    tests: [
      ...of('pool-race', 'once and no more: a server that closes the new connection too is told on'),
      ...of(
        'pool-once',
        'a server that closes every connection after it was asked gets no more than two of each request',
      ),
      ...of('exchange-retry', 'retries are paid for: one call in ten may fail when nothing works'),
    ],
  },
  {
    number: 64,
    law: 'One dead idle connection is proof enough: nobody tries its siblings one after the other.',
    tests: [
      ...core(
        'a request whose connection was closed under it gets one that never served, and stale siblings go',
      ),
      ...of('pool-race', 'the first proof flushes the idle siblings: nobody tries them one after the other'),
    ],
  },
  {
    number: 65,
    law: 'A call can be cancelled between two attempts.',
    tests: of('exchange-abort', 'aborted by the ${manner} while %s'),
  },
  {
    number: 66,
    law: 'All attempts together keep the deadline of the call.',
    tests: [
      ...of('exchange-time', 'each attempt has its own time, all of them together the total'),
      ...of('exchange-retry', 'a retry that does not fit the deadline is not waited for'),
    ],
  },
  {
    number: 67,
    law: 'A handler hears of one request and one answer, however often it went out.',
    tests: [
      ...of('pool-undici', 'the handler hears each callback once and in order'),
      ...of(
        'pool-once',
        'a request that lost the race: started once, one answer, and the controller it was given aborts it',
        'a request that another session processes after a GOAWAY: started once, one answer',
      ),
    ],
  },
]

const errors: readonly Scenario[] = [
  {
    number: 68,
    law: 'Refused, unknown, not trusted, too late: each failed dial has its own error and frees its place.',
    tests: of(
      'pool-faults',
      'refused: the error of the socket, and the place is free',
      'an unknown host',
      'a certificate that nobody vouches for, and one of another name',
      'a TLS handshake that the server breaks off, and one with a server that speaks no TLS',
      'a handshake that never ends fails after connectTimeout',
    ),
  },
  {
    number: 69,
    law: 'Wherever a response breaks off, its request fails, its connection goes, and the line goes on.',
    tests: [
      ...of('pool-faults', 'an answer that ends %s fails, and the line goes on'),
      ...of('pool-h2-faults', 'an answer that ends %s fails, and the next is answered'),
    ],
  },
  {
    number: 70,
    law: 'A time limit that strikes costs its own connection and no other.',
    tests: of(
      'pool-neighbours',
      '%s of one request closes its connection and no other',
      "undici's own headersTimeout and bodyTimeout, coarse as they are, close one connection and no other",
      'an abort over HTTP/1.1 costs its own connection; over HTTP/2 not even that',
    ),
  },
  {
    number: 71,
    law: 'A handler may throw wherever it is called: nothing leaks, nothing crashes, and it is told the end once.',
    tests: [
      ...of(
        'pool-faults',
        'a handler that throws in %s hears of it in onResponseError',
        'a handler that throws in %s leaks nothing',
        'a handler that throws in onResponseEnd hears of it, and the connection is kept',
        'a handler that throws in onResponseError ends nothing: the fault becomes a warning',
        'a handler that throws in onRequestUpgrade',
      ),
      ...of(
        'pool-h2-faults',
        'a handler that throws in %s is told, and the siblings of its stream are answered',
        'a handler that aborts in %s costs its stream alone, and the session can be closed',
      ),
      ...of(
        'pool-inside',
        'a handler that %s, in any callback: all is told, all is even, and the pool can be closed',
      ),
    ],
  },
  {
    number: 72,
    law: 'A connector may throw, call back twice, at once, too late or never, and give whatever it likes.',
    tests: [
      ...of('pool-traps', 'T1: a connector that calls back at once'),
      ...of(
        'pool-faults',
        'a connector that throws',
        'a connector that gives a socket which is over already',
        'a connector that calls back twice, with the same socket, another, or an error',
        'a connector that calls back after it was given up',
      ),
      ...of(
        'pool-connectors',
        'a connector that gives %s fails its request and no more',
        'a connector that returns what is no socket cannot be called off, and is heeded all the same',
      ),
    ],
  },
  {
    number: 73,
    law: 'When everything goes wrong at once no error is left unhandled, and the process ends.',
    tests: [
      ...of('pool-mayhem', 'seed %i: nothing is unhandled, nothing is left, and the process ends'),
      ...of(
        'pool-chaos',
        '10,000 requests with aborts at random moments: no hang, no leak, no limit exceeded',
        'a storm over HTTP/2 neither hangs nor leaks, and every abort resets its stream',
      ),
    ],
    except: 'seconds instead of ten minutes; `npm run soak` goes on for as long as asked',
  },
]

const http2: readonly Scenario[] = [
  {
    number: 74,
    law: 'Requests share a session up to its streams; another is dialed when it is full.',
    tests: [
      ...core(
        'HTTP/2: requests share a session up to its streams; the next session is dialed only when it is full',
      ),
      ...of('pool-h2', '300 requests at once share few sessions'),
      ...of(
        'pool-h2-streams',
        'sessions that are full as their server sees it are not the last: others are dialed, and all are used',
      ),
    ],
  },
  {
    number: 75,
    law: 'A burst to an origin that is known to multiplex makes one dial.',
    tests: [
      ...scenes('once an origin is known to multiplex, a burst dials one session for as many as it carries'),
      ...of('pool-h2', 'a cold burst stays within the limit, and all are answered'),
    ],
    except:
      'while nobody knows what an origin speaks, a burst dials as for HTTP/1.1, which saves the others a handshake',
  },
  {
    number: 76,
    law: 'A server that turns out to speak HTTP/1.1 has its line spread over as many connections as it may.',
    tests: [
      ...scenes(
        'an origin that turns out to speak HTTP/1.1 has its line spread over as many connections as it may',
      ),
      ...of('pool-h2', 'a server without HTTP/2 is spoken to in HTTP/1.1'),
    ],
  },
  {
    number: 77,
    law: 'The number of streams that a server allows is obeyed whenever it changes, and none means none.',
    tests: [
      ...of(
        'pool-h2',
        'a session never carries more streams than its server allows',
        'a request that is given up while its session allows no streams leaves nothing behind',
      ),
      ...of(
        'pool-h2-streams',
        'a server that allows fewer streams than before, and then more, is obeyed at once',
        'a server that allows no stream for a while keeps its requests waiting, and then answers them',
        'a server that allows no stream at all lets nobody wait longer than the acquire timeout',
        'a server that allows fewer streams than it has lets nobody wait longer than the acquire timeout',
        'while a session may carry no more, others are dialed; when a stream of it ends it is used again',
        'a tunnel that waits for settings which never come waits no longer than the acquire timeout',
        'whom such a server refused, and who then leaves, keeps no pool from closing',
      ),
    ],
  },
  {
    number: 78,
    law: 'After a GOAWAY what runs is finished, and what comes goes elsewhere at once.',
    tests: [
      ...core('HTTP/2: a session that is going away finishes what runs, new requests go elsewhere at once'),
      ...of(
        'pool-h2',
        'T12: after a GOAWAY a new request goes elsewhere at once, and the old one is finished',
      ),
    ],
  },
  {
    number: 79,
    law: 'What a GOAWAY says was not processed goes again, whatever its method; what was, does not.',
    tests: [
      ...of(
        'pool-h2',
        'what a GOAWAY says was not processed goes again on another session, whatever its method',
      ),
      ...of(
        'pool-h2-streams',
        'a GOAWAY in the middle: what was processed is answered once, what was not goes elsewhere, once',
      ),
    ],
  },
  {
    number: 80,
    law: 'A server that says GOAWAY to every session is not asked for ever.',
    tests: of(
      'pool-h2-streams',
      'a server that says GOAWAY to every session is asked a few times, and then told on',
    ),
  },
  {
    number: 81,
    law: 'A refused stream goes again once; refused again, it is told.',
    tests: of('pool-h2-streams', 'a stream that is refused %s'),
  },
  {
    number: 82,
    law: 'A stream that is reset or aborted leaves its siblings alone.',
    tests: [
      ...of(
        'pool-h2',
        'one stream that is reset leaves its siblings alone',
        'one stream that is aborted leaves its siblings alone, and the server hears of it',
      ),
      ...of(
        'pool-h2-sessions',
        'aborts without end cost nobody a request: the session is replaced before its server ends it',
      ),
    ],
  },
  {
    number: 83,
    law: 'A session that answers no ping is given up, and whoever waits moves to another.',
    tests: [
      ...of(
        'src/pool/ping',
        'a session that does not answer wanes, and is silent after pingTimeout; asked and told once',
      ),
      ...of(
        'pool-ping',
        'what runs on a session that goes silent fails together, as reset, long before its own deadline',
        'who waits for a session that went silent moves to a new one',
      ),
    ],
  },
  {
    number: 84,
    law: 'A request given up in silence puts its session in doubt: it is asked at once, and takes nothing new until it answers.',
    tests: [
      ...of(
        'src/pool/ping',
        'a session that is doubted is asked at once; until it answered, it is not asked again',
      ),
      ...scenes(
        'nothing new goes out on a session that is suspended, and it is not waited for',
        'once it is resumed it serves whoever waits',
      ),
      ...of(
        'pool-silence',
        'an HTTP/2 session that went silent costs the request that found out; the next goes out on a new one',
        'a session that answers a ping stays, though a request on it was given up in silence',
        'one that does not answer takes nothing new, and what still runs on it fails',
      ),
    ],
  },
  {
    number: 85,
    law: 'Streams that were given up do not let a dead session look free.',
    tests: [
      ...of('src/pool/ping', 'bytes that arrived before the doubt do not lift it'),
      ...of(
        'pool-silence',
        'requests that are given up soon are no less of a sign: a silent session cannot eat them one after the other',
      ),
    ],
    except:
      'they are not counted until they are acknowledged: a server hears of the reset before it hears of the next stream',
  },
  {
    number: 86,
    law: 'A session that ends before it ever served tells its error, after few dials.',
    tests: of(
      'pool-h2-streams',
      'a session that ends before it ever served: the error is told, and dials are few',
    ),
  },
  {
    number: 87,
    law: 'An idle session is closed in time.',
    tests: of('pool-h2', 'an idle session is closed in time'),
  },
  {
    number: 88,
    law: 'Origins of both protocols share one limit; callers that understand HTTP/1.1 alone have their own connections.',
    tests: [
      ...of('pool-h2', 'origins of both kinds share one limit'),
      ...of(
        'pool-traps',
        'T15: origins and callers that may not share a connection are kept and counted apart',
      ),
      ...of('pool-fetch', 'the built-in fetch takes it inside a Dispatcher1Wrapper too, with HTTP/1.1 alone'),
    ],
  },
]

const lifeAndBooks: readonly Scenario[] = [
  {
    number: 89,
    law: 'warm() opens exactly as many connections as asked for, to the last handshake; they count and rest like others.',
    tests: [
      ...core('warm dials what is missing, within the limits, and nothing when it is there'),
      ...of('pool-warm', 'warm opens exactly so many connections, and the requests that follow open none'),
      ...of(
        'pool-warm-up',
        'warm() over %s: the handshakes are done when it resolves, and no request makes another',
        'warm connections count against the limits, and make room for a request to another origin',
        'warm connections rest like all others: they are closed when nobody comes',
      ),
    ],
  },
  {
    number: 90,
    law: 'A warm connection that the server closed before its first use is replaced unseen.',
    tests: [
      ...of('pool-warm', 'a warm connection that the server closed before its first use is replaced unseen'),
      ...of(
        'pool-warm-up',
        'of warm connections that the server closed some, the others are used, and nothing is reported',
      ),
      ...of(
        'pool-h2',
        'a session that was never used and that the server closed costs the next request nothing',
      ),
    ],
  },
  {
    number: 91,
    law: 'A minimum of connections is kept, and refilled with growing pauses while dials fail.',
    tests: life(
      'is dialed at once, counts those in use, and is refilled when one ends',
      'is not more than the limits allow',
      'a server that refuses is asked with growing pauses: 100 ms, 200 ms, 400 ms … 30 s',
      'gives way to whoever waits elsewhere, and is refilled when there is room again',
    ),
  },
  {
    number: 92,
    law: 'A server that stalls does not make the limit run away, and is used fully when it recovers.',
    tests: of(
      'src/pool/core-sizing-day',
      'does not make the connections run away, is used fully when it recovers, and then they shrink',
    ),
  },
  {
    number: 93,
    law: 'After a burst the connections shrink in bounded time, and nothing of the others stays in memory.',
    tests: [
      ...scenes(
        'a burst is followed by rest: the connections shrink to the idle limit, then to none, and no alarm is left',
      ),
      ...of('pool-places', 'after a burst nothing is left of the connections that went, not even in memory'),
    ],
  },
  {
    number: 94,
    law: 'Slow dials do not make a burst open one connection for each request.',
    tests: of('src/pool/core-sizing-day', 'do not make bursts open one connection for each request: %s'),
  },
  {
    number: 95,
    law: 'close() takes nothing new, finishes what runs and waits, closes what is idle, and may be called again.',
    tests: of(
      'pool-close',
      'close() finishes what runs and what waits, and resolves when the last socket is gone',
      'close() closes idle connections at once, and a second call waits for the same',
      'close() of a pool that never did anything',
    ),
  },
  {
    number: 96,
    law: 'close() with a timeout ends what is left then.',
    tests: of('pool-close', 'close({ timeout }) destroys what is left then'),
  },
  {
    number: 97,
    law: 'destroy(error) gives its error to everybody, stops dials, and resolves when the last socket is gone.',
    tests: of(
      'pool-close',
      'destroy(error) ends what runs, waits and dials with this error',
      'destroy() in the very turn in which requests were given a connection',
    ),
  },
  {
    number: 98,
    law: 'A pool may be closed during a dial, a retry, a warm-up, or from inside any callback.',
    tests: [
      ...core('shutdown calls off dials that nobody waits for'),
      ...of(
        'pool-close',
        '%s during a dial that nobody waits for any more',
        'close() during a dial that somebody waits for',
        'close() and destroy() from inside %s',
      ),
      ...of('pool-warm-up', '%s() during a warm-up: the dials are called off, and it is told'),
      ...of(
        'client-lifecycle',
        'close() waits for calls under way, their retries included, and takes no new ones',
      ),
    ],
  },
  {
    number: 99,
    law: 'At any moment what was opened less what was closed is open, and the parts add up to the whole.',
    tests: laws,
  },
  {
    number: 100,
    law: 'What the pool says of itself is what its servers see.',
    tests: of(
      'pool-books',
      'at any moment: connections, requests in flight and in line are those that the server and the callers count',
      'in the end: what was opened, closed, used again and sent twice adds up with what the server saw',
      'what one connection sent and received are the bytes that the server received and sent',
      'requests that never left are counted as refused, and the server has not seen them',
    ),
  },
  {
    number: 101,
    law: 'What is told twice counts once.',
    tests: [
      ...scenes(
        'that a dial ended, a connection retired or closed, or a request left: once is enough, twice changes nothing',
      ),
      ...of('pool-faults', 'a handler that throws in onResponseEnd hears of it, and the connection is kept'),
    ],
    except: 'nobody outside releases a connection, so that there is nothing to complain of',
  },
  {
    number: 102,
    law: 'A response that nobody reads is reported once, with where it was asked for.',
    tests: [
      ...of(
        'pool-leak',
        'a body that nobody reads is reported once, with where it was asked for, and destroying it frees the connection',
        'a body that is read, however slowly, is none',
      ),
      ...of('pool-h2-faults', 'a body that nobody reads is reported once, and holds up none of its siblings'),
    ],
  },
  {
    number: 103,
    law: 'What is done for a caller is done in its asynchronous context, also after a wait in line.',
    tests: of(
      'pool-context',
      'what undici publishes of a request that waited is published in the context of its caller',
      'so it is of a request that is made while the pool tells somebody else of a refusal',
      'a refusal is told in the context of whom it is told',
    ),
  },
  {
    number: 104,
    law: 'Many requests leave nothing behind: no memory, no listener, no timer.',
    tests: [
      ...scenes('a million requests leave nothing behind: no alarm, nobody in line, the same connections'),
      ...of('pool-h2-sessions', 'nothing stays in memory of a session that ended with a request'),
      ...of(
        'pool-flat',
        'a pool after 25,000 requests: the same heap, listeners, timers and sockets as after a fifth of them',
        'a pool over HTTP/2: the same',
        'a client, with its breaker, budget and clock: the same',
      ),
      ...of('client-signal', 'two thousand calls on one signal leave no listener, and warn of none'),
    ],
    except: 'a million of them pass through the core alone; over sockets they are as many as fit in seconds',
  },
  {
    number: 105,
    law: 'What a request costs is measured beside a bare Client, undici’s Pool and http.Agent.',
    tests: of('../../bench/bench', 'cpu: what each way costs', 'many-connections: both pools at each number'),
    except: 'no test asks how fast anything is; the figures are those of `npm run bench`',
  },
]

export const scenarios: readonly Scenario[] = [
  ...reuse,
  ...limits,
  ...line,
  ...ageAndHealth,
  ...raceAndRetries,
  ...errors,
  ...http2,
  ...lifeAndBooks,
]
