/** How the original watched itself, began and ended, and what its parts had agreed upon. */
import { ofKeepwarm, service, type Fault, type Proof } from './fault.ts'

const client = (...names: string[]): Proof[] => service('src/clients/service-client', ...names)
const freshness = (...names: string[]): Proof[] => service('src/clients/freshness', ...names)
const langextract = (...names: string[]): Proof[] => service('src/clients/langextract', ...names)

export const figures: readonly Fault[] = [
  {
    number: 21,
    fault: 'Attempts and calls were mixed, durations of failures lost, refusals counted as openings.',
    tests: [
      ...ofKeepwarm(
        'src/observe/recorder',
        'calls and attempts are two things',
        'durations of failures count like all others',
      ),
      ...ofKeepwarm(
        'client-snapshot',
        'a breaker that opens, refuses and closes: every way between its states is counted and told',
      ),
      ...client('a 503 is tried again, and the figures tell attempts from calls'),
    ],
  },
  {
    number: 22,
    fault: 'When all attempts were used, the count was wrong and the reasons were lost.',
    tests: ofKeepwarm('exchange-retry', 'when all attempts fail the error names each of them'),
  },
  {
    number: 23,
    fault: 'No figures of the pool anywhere.',
    tests: [
      ...service('app', 'connections are reused, and both sides count the same number of them'),
      ...service('app-clients', 'GET /clients tells the figures of each client, and which breaker is open'),
    ],
  },
  {
    number: 24,
    fault: 'A health check took any 200 for health, though the body said “unhealthy”.',
    tests: client('health is read from the body, and never rejects'),
  },
]

export const lifecycle: readonly Fault[] = [
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
        'trouble on the way and answers of something between are worth another attempt',
      ),
      ...service(
        'app-kill',
        'killed ${KILLS} times in lane %i, it has in the end what it promised, stored once',
      ),
    ],
  },
]

export const contracts: readonly Fault[] = [
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
    tests: service(
      'app-clients',
      'what is embedded are the chunks and the questions, by one model on one path, and no entity',
    ),
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
      ...service(
        'app-clients',
        'what is embedded are the chunks and the questions, by one model on one path, and no entity',
      ),
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

export const freshnessFaults: readonly Fault[] = [
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
