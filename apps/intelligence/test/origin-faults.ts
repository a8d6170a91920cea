/**
 * What was wrong in the original system, one fault a row, and the tests that show that it cannot come back, or why it
 * has no place here. origin-faults.test.ts holds this list against the tests.
 */

export interface Proof {
  /** From the root of the repository. */
  readonly file: string
  /** As it stands in the source: of `test.each` the template, not one of its rows. */
  readonly name: string
}

export type Fault = {
  readonly number: number
  /** What the original did. */
  readonly fault: string
} & ({ readonly tests: readonly Proof[] } | { /** Why it cannot be here at all. */ readonly not: string })

/** Tests of one file: `client-health` in the library's test/, `src/…` in the library. */
function library(file: string, ...names: string[]): Proof[] {
  return prove(`packages/keepwarm/${file.includes('/') ? file : `test/${file}`}.test.ts`, names)
}

/** The same for the service. */
function service(file: string, ...names: string[]): Proof[] {
  return prove(`apps/intelligence/${file.includes('/') ? file : `test/${file}`}.test.ts`, names)
}

function prove(file: string, names: readonly string[]): Proof[] {
  return names.map((name) => ({ file, name }))
}

const client = (...names: string[]): Proof[] => service('src/clients/service-client', ...names)
const workflow = (...names: string[]): Proof[] => service('src/clients/workflow-coordinator', ...names)
const freshness = (...names: string[]): Proof[] => service('src/clients/freshness', ...names)
const langextract = (...names: string[]): Proof[] => service('src/clients/langextract', ...names)
const machine = (...names: string[]): Proof[] => library('src/breaker/machine', ...names)
const config = (...names: string[]): Proof[] => library('src/config/http-client-config', ...names)

const resilience: readonly Fault[] = [
  {
    number: 0,
    fault:
      'With 20 connections and 5 kept idle, twenty callers opened a connection for nearly every request.',
    tests: service(
      'origin-churn',
      'twenty callers of twenty requests each open some twenty connections, not four hundred',
    ),
  },
  {
    number: 1,
    fault: 'The breaker of LangExtract never closed again.',
    tests: client('answers of 500 open the breaker, and it closes again when the service is back'),
  },
  {
    number: 2,
    fault: 'HTTP errors did not count for the breaker; each was even a success.',
    tests: client('answers of 500 open the breaker, and it closes again when the service is back'),
  },
  {
    number: 3,
    fault: 'A half-open breaker let everybody through, and one success closed it.',
    tests: [
      ...machine(
        'lets three probes through at once and refuses the fourth',
        'closes after three successes, once',
      ),
      ...library(
        'exchange-breaker',
        'three probes that succeed close it; a fourth is refused while they are under way',
      ),
    ],
  },
  {
    number: 4,
    fault: 'The coordinator’s client made one error of every status, without the status.',
    tests: [
      ...client('status %i keeps its class, its body and its cause, after as many tries as it is worth'),
      ...workflow(
        'an unknown workflow is not found',
        'too many workflows are a rate limit with the time to come back',
      ),
    ],
  },
  {
    number: 5,
    fault: 'Workflows with ids or dependencies of nodes could not be sent.',
    tests: workflow('a graph of nodes with UUIDs and dependencies runs to its end'),
  },
  {
    number: 6,
    fault:
      'A connection that the server had closed while it rested failed the next request, which was not sent again.',
    tests: library('pool-race', '1,000 GETs against a server that closes by %s: none fails'),
  },
  {
    number: 7,
    fault: 'A full pool of one’s own opened the breaker of the service.',
    tests: client('a full pool of our own is not held against the service'),
  },
  {
    number: 8,
    fault: 'The refusal of an open breaker was tried again, with pauses.',
    tests: library('exchange-breaker', 'a refusal is not tried again'),
  },
  {
    number: 9,
    fault: 'Retry-After was ignored as a number, and as a date ended in another error.',
    tests: client('Retry-After %s is waited for', 'a Retry-After in %s for which there is no time is told'),
  },
  {
    number: 10,
    fault: 'A POST was sent again after it may have been processed, without a key.',
    tests: [
      ...library('src/retry/decide', 'is none for a POST whose bytes went out'),
      ...library(
        'pool-race',
        'a keyed POST goes again, a POST without a key does not: the server may have processed it',
      ),
      ...workflow('a lost answer to a trigger starts no second workflow'),
      ...langextract('an extraction that is stored by the service is not sent twice'),
    ],
  },
  {
    number: 11,
    fault:
      'No chance in the pauses, no budget, no deadline over all, no cancelling; layers of retries multiplied.',
    tests: [
      ...library('src/retry/backoff', 'stays within [0, cap], whatever the growth and the jitter'),
      ...library('src/retry/decide', 'turns a retry that it cannot pay into a refusal'),
      ...library('exchange-time', 'each attempt has its own time, all of them together the total'),
      ...client('a cancelled call stays an AbortError and is held against nobody'),
    ],
  },
  {
    number: 12,
    fault: 'The breaker went by the wall clock, and late failures kept it open longer.',
    tests: machine('a clock that goes back moves nothing', 'changes nothing while open'),
  },
]

const configuration: readonly Fault[] = [
  {
    number: 13,
    fault: 'The timeout that was given changed only the wait for the pool.',
    tests: service(
      'src/clients/index',
      'the timeout that is given is the total, whatever the environment says',
    ),
  },
  {
    number: 14,
    fault: 'Settings of the retrying client had no effect; 0 retries were 3, and 3 were 2.',
    tests: [
      ...library('src/client/config-effect', '%s has an effect on the client that its variable configures'),
      ...service(
        'src/clients/index',
        'the shared client is configured by its own variables, then the common ones, then the defaults',
      ),
      ...config('may say 0'),
    ],
  },
  {
    number: 15,
    fault: 'The statuses that were to be retried were not looked at.',
    tests: library(
      'src/retry/decide',
      'neither 501 nor 505, even when they are asked for; any other status that is asked for',
    ),
  },
  {
    number: 16,
    fault: 'The “overall timeout” did not exist.',
    tests: library(
      'client-timeouts',
      'timeout',
      'a shorter timeout of the call or the attempt wins, under its own name',
    ),
  },
  {
    number: 17,
    fault: 'How long an idle connection is kept could not be set.',
    tests: library('pool-keep-alive', 'an idle connection is closed after idleTimeout'),
  },
  {
    number: 18,
    fault: 'The clients had their limits in their code, and variables did not reach them.',
    tests: service(
      'src/clients/service-env',
      '%s_HTTP_CLIENT_… sets what its client is made with, and code counts more',
    ),
  },
  {
    number: 19,
    fault: 'HTTP/2 was asked for on plain HTTP, which did nothing in silence.',
    tests: [
      ...library(
        'pool-h2',
        'a server without HTTP/2 is spoken to in HTTP/1.1',
        'allowH2: false speaks HTTP/1.1 to everybody',
      ),
      ...library('src/client/config-effect', '%s has an effect on the client that its variable configures'),
    ],
  },
  {
    number: 20,
    fault: 'Nothing was checked: -5 connections, a timeout that is no number.',
    tests: config(
      'is refused when it says %s',
      'is told with every problem at once, and a line that would work for each',
    ),
  },
]

const figures: readonly Fault[] = [
  {
    number: 21,
    fault: 'Attempts and calls were mixed, durations of failures lost, refusals counted as openings.',
    tests: [
      ...library(
        'src/observe/recorder',
        'calls and attempts are two things',
        'durations of failures count like all others',
      ),
      ...library(
        'client-snapshot',
        'a breaker that opens, refuses and closes: every way between its states is counted and told',
      ),
      ...client('a 503 is tried again, and the figures tell attempts from calls'),
    ],
  },
  {
    number: 22,
    fault: 'When all attempts were used, the count was wrong and the reasons were lost.',
    tests: library('exchange-retry', 'when all attempts fail the error names each of them'),
  },
  {
    number: 23,
    fault: 'No figures of the pool anywhere.',
    tests: service('app', 'connections are reused, and both sides count the same number of them'),
  },
  {
    number: 24,
    fault: 'A health check took any 200 for health, though the body said “unhealthy”.',
    tests: client('health is read from the body, and never rejects'),
  },
]

const lifecycle: readonly Fault[] = [
  {
    number: 25,
    fault: 'Where the shared client was missing, a client for one request took its place.',
    not: 'there is no way to make a stage without the clients: they are made once, before the worker, and handed to it',
  },
  {
    number: 26,
    fault:
      'Clients were not closed, or in the wrong order; stores closed before work in progress; one failing close skipped the rest.',
    tests: [
      ...service(
        'src/clients/index',
        'all of them are made together, reach their services, and are closed together',
        'one that cannot be closed does not keep the others open',
      ),
      ...service('app-degraded', 'everything is closed although one part cannot be, and the error names it'),
      ...service(
        'app-restart',
        'a service that is stopped with work left gives it back, and the next one does it',
      ),
    ],
  },
  {
    number: 27,
    fault:
      'Failures in the background were lost, vector failures told as success, steps never written, errors judged by their words.',
    tests: [
      ...service(
        'app-batches',
        'poison documents end dead with their reasons, and are given another chance together',
      ),
      ...service(
        'app-degraded',
        'without LangExtract documents are found, the stage is named, and a retry does only what was missing',
      ),
      ...service(
        'src/indexing/verdict',
        'trouble on the way is worth another attempt, an answer that is not what was agreed is not',
      ),
      ...service(
        'app-kill',
        'killed ${KILLS} times in lane %i, it has in the end what it promised, stored once',
      ),
    ],
  },
]

const contracts: readonly Fault[] = [
  {
    number: 28,
    fault: 'Client and service of LangExtract disagreed, and the answer became an empty result.',
    tests: langextract(
      'the request is a JSON body with the original fields and defaults',
      'another contract is an error and not an empty result: %s',
    ),
  },
  {
    number: 29,
    fault: 'Types in lower case were not known, and every relationship became RELATES_TO.',
    tests: langextract('a document comes with entities that stand where they say, types in upper case'),
  },
  {
    number: 30,
    fault: 'A path without an ending made Markdown be parsed as Python, or not at all.',
    tests: service('src/indexing/findings', '%s is a document of type %s'),
  },
  {
    number: 31,
    fault: 'Each entity was embedded, and the vector thrown away.',
    tests: service('app-trace', 'a document is indexed on behalf of the request that brought it'),
  },
  {
    number: 32,
    fault: 'Two writers with two kinds of ids: indexing again made doubles.',
    tests: [
      ...service('src/store/identity', 'the id comes from the source, whatever the content'),
      ...service(
        'app',
        'the same document again replaces the first, and a changed one is found by its new words only',
      ),
      ...service('src/store/documents', 'indexing again replaces every part and keeps the first date'),
    ],
  },
  {
    number: 33,
    fault: 'The search asked another model on another path than the indexing.',
    tests: [
      ...service('app-trace', 'a search asks its upstream on behalf of the request that came'),
      ...service('src/search/search', 'what makes a result worse is said'),
    ],
  },
  {
    number: 34,
    fault: 'Routes used what was never made, and others called routes that did not exist.',
    tests: service(
      'app-openapi',
      'every route is described, and nothing that is no route',
      'what is answered is what the document says',
    ),
  },
  {
    number: 35,
    fault: 'Search by relations looked at an attribute that was never set, and always found nothing.',
    tests: service('src/search/search', 'related documents share entities, rare ones first, or meaning'),
  },
]

const freshnessFaults: readonly Fault[] = [
  {
    number: 36,
    fault: 'The collector of changed files locked itself, or cancelled its own task and analysed nothing.',
    not: 'nothing is collected in memory: each document is a job of its own, whose freshness is one of its stages',
  },
  {
    number: 37,
    fault: 'A time without a zone minus one with a zone: scoring any file failed.',
    tests: [
      ...service(
        'src/clients/freshness-score',
        'time halves in thirty days, with a bonus in the first week and a penalty after a year',
      ),
      ...freshness('scores are kept, the latest is the document’s own'),
    ],
  },
  {
    number: 38,
    fault:
      'Levels in two spellings, fields that did not exist, rows that were not counted, a limit that was ignored.',
    tests: [
      ...service('upstreams-bridge', 'knows the level %s in capitals only'),
      ...freshness(
        'a document comes back as it was written, by id and by path',
        'stale documents are found by days and by level, and the limit counts',
        'cleanup counts what it deletes and keeps a week at least',
      ),
    ],
  },
  {
    number: 39,
    fault: 'A few changed files made it walk the folder that all of them share, perhaps the root.',
    tests: service(
      'app-batches',
      'a folder below INDEX_ROOT is read and followed; what leads out of it is refused',
    ),
  },
]

export const faults: readonly Fault[] = [
  ...resilience,
  ...configuration,
  ...figures,
  ...lifecycle,
  ...contracts,
  ...freshnessFaults,
]
