/** How the original called its services, and how it was configured. */
import { ofKeepwarm, service, type Fault, type Proof } from './fault.ts'

const client = (...names: string[]): Proof[] => service('src/clients/service-client', ...names)
const workflow = (...names: string[]): Proof[] => service('src/clients/workflow-coordinator', ...names)
const langextract = (...names: string[]): Proof[] => service('src/clients/langextract', ...names)
const machine = (...names: string[]): Proof[] => ofKeepwarm('src/breaker/machine', ...names)
const config = (...names: string[]): Proof[] => ofKeepwarm('src/config/http-client-config', ...names)

export const resilience: readonly Fault[] = [
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
      ...ofKeepwarm(
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
    tests: ofKeepwarm('pool-race', '1,000 GETs against a server that closes by %s: none fails'),
  },
  {
    number: 7,
    fault: 'A full pool of one’s own opened the breaker of the service.',
    tests: client('a full pool of our own is not held against the service'),
  },
  {
    number: 8,
    fault: 'The refusal of an open breaker was tried again, with pauses.',
    tests: ofKeepwarm('exchange-breaker', 'a refusal is not tried again'),
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
      ...ofKeepwarm('src/retry/decide', 'is none for a POST whose bytes went out'),
      ...ofKeepwarm(
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
      ...ofKeepwarm('src/retry/backoff', 'stays within [0, cap], whatever the growth and the jitter'),
      ...ofKeepwarm('src/retry/decide', 'turns a retry that it cannot pay into a refusal'),
      ...ofKeepwarm('exchange-time', 'each attempt has its own time, all of them together the total'),
      ...client('a cancelled call stays an AbortError and is held against nobody'),
    ],
  },
  {
    number: 12,
    fault: 'The breaker went by the wall clock, and late failures kept it open longer.',
    tests: machine('a clock that goes back moves nothing', 'changes nothing while open'),
  },
]

export const configuration: readonly Fault[] = [
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
      ...ofKeepwarm(
        'src/client/config-effect',
        '%s has an effect on the client that its variable configures',
      ),
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
    tests: ofKeepwarm(
      'src/retry/decide',
      'neither 501 nor 505, even when they are asked for; any other status that is asked for',
    ),
  },
  {
    number: 16,
    fault: 'The “overall timeout” did not exist.',
    tests: ofKeepwarm(
      'client-timeouts',
      'timeout',
      'a shorter timeout of the call or the attempt wins, under its own name',
    ),
  },
  {
    number: 17,
    fault: 'How long an idle connection is kept could not be set.',
    tests: ofKeepwarm('pool-keep-alive', 'an idle connection is closed after idleTimeout'),
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
      ...ofKeepwarm(
        'pool-h2',
        'a server without HTTP/2 is spoken to in HTTP/1.1',
        'allowH2: false speaks HTTP/1.1 to everybody',
      ),
      ...ofKeepwarm(
        'src/client/config-effect',
        '%s has an effect on the client that its variable configures',
      ),
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
