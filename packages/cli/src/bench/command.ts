/** `keepwarm bench`. */
import type { CliCommand } from '../command.ts'
import { exitCodes } from '../exit-codes.ts'
import { duration, number, several, wholeNumber } from '../options/parse.ts'
import { showDefault } from '../service/options.ts'
import { defineTarget } from '../target/target.ts'

const text = (given: string): string => given

export const benchCommand: CliCommand = {
  name: 'bench',
  arguments: '<url>',
  summary: 'Measure your own URL pooled against unpooled, or settings against each other',
  examples: [
    ['bench http://127.0.0.1:8080/health', 'pooled against a connection for each request'],
    ['bench http://127.0.0.1:8080/ --compare maxConnections=5 --compare maxConnections=50', 'two settings'],
    ['bench http://127.0.0.1:8080/ --rate 500 --fail-if "p99>50ms"', 'an open load, and a threshold for CI'],
  ],
  exits: [
    [exitCodes.ok, 'it ran, and held the thresholds'],
    [exitCodes.found, 'it ran, and a threshold was missed'],
    [exitCodes.usage, 'the command line is wrong, or asks for more load than is allowed'],
    [exitCodes.unavailable, 'the server does not answer'],
    [exitCodes.config, 'a setting of --compare cannot be used'],
    [exitCodes.interrupted, 'interrupted; what was measured until then is printed'],
  ],
  notes: [
    'Arms: pooled, unpooled (a connection for each request), new-client (a client for each), and any options of a client',
    'as in code (maxConnections=10 idleTimeout=4s) or in the environment (MAX_CONNECTIONS=10). The first one is compared',
    'with each of the others. Retries and breakers are off unless an arm says otherwise.',
    'Thresholds: p50, p90, p99, p99.9, slowest, throughput, errors, connections, cpu, speedup; of the first arm, or of the',
    'one that is named before a colon. A host that is not this machine gets 50 requests a second at most.',
  ].join('\n'),
  define: (command) => {
    command
      .option('-c, --compare <arm>', 'an arm; again for another (default: pooled, unpooled)', several(text))
      .option('-n, --concurrency <n>', 'requests at once (default: 10)', wholeNumber({ min: 1, max: 10_000 }))
      .option(
        '-r, --rate <n>',
        'requests a second, whether or not the server keeps up',
        number({ min: 0.1, max: 1e6 }),
      )
      .option('-d, --duration <time>', 'for how long each arm is measured', duration(100), 5_000)
      .option(
        '--requests <n>',
        'requests of each arm, where they end before the time does',
        wholeNumber({ min: 1 }),
      )
      .option('--rounds <n>', 'turns of each arm', wholeNumber({ min: 1, max: 1_000 }), 10)
      .option('--warm-up <time>', 'for how long each arm runs before anything counts', duration(), 1_000)
      .option('--timeout <time>', 'for how long an answer is waited for', duration(1), 10_000)
      .option('-X, --method <method>', 'the method (default: GET, with a body POST)')
      .option('--body <text>', 'the body of each request')
      .option('--body-file <file>', 'a file with it')
      .option('--unsafe', 'methods that may change something are meant')
      .option('--allow-load <host>', 'the host of the URL, where it is not this machine and may be loaded')
      .option('--fail-if <threshold>', 'exit with 1 where that is so; again for another', several(text))
      .option('--seed <n>', 'draws the order of the arms as before', wholeNumber())
      .option('--markdown', 'the result as Markdown')
    defineTarget(command)
    showDefault(command, '--duration', '5s')
    showDefault(command, '--warm-up', '1s')
    showDefault(command, '--timeout', '10s')
  },
  run: async (invocation, terminal) => (await import('./bench.ts')).runBench(invocation, terminal),
}
