import type { CliCommand } from '../command.ts'
import { exitCodes } from '../exit-codes.ts'
import { duration, number, oneOf, several, wholeNumber } from '../options/parse.ts'
import { showDefault } from '../service/options.ts'
import { abandonedFates, readEvent, readService, readSetting } from './parse-scenario.ts'

export const simulateCommand: CliCommand = {
  name: 'simulate',
  arguments: '[prefix]',
  summary: 'Try what your settings would do in an outage, in simulated time',
  examples: [
    ['simulate', 'the settings of HTTP_CLIENT_…; the upstream is gone for ten seconds'],
    ['simulate SEARCH_SERVICE --event hang@20s+10s', 'those of one service; the upstream hangs'],
    ['simulate --versus MAX_RETRIES=0 --seeds 5', 'would it be better without retries?'],
    ['simulate --rate 280 --event slow@20s+15s,factor=4 --json', 'near the limit, for a program'],
  ],
  exits: [
    [exitCodes.ok, 'it was tried, and the report is told'],
    [exitCodes.usage, 'wrong usage, or a scenario that cannot be'],
    [exitCodes.config, 'settings that cannot be used'],
    [exitCodes.interrupted, 'interrupted; what is known is told'],
  ],
  notes: `Events: outage@20s+10s, hang@20s+10s, slow@20s+10s,factor=5 and errors@20s+10s,share=50%,status=503: what happens, from when
on, and for how long. Settings are variables without their prefix, such as MAX_RETRIES=0 (docs/configuration.md).
The clients are real; the clock, the network and the upstream are not: docs/testing.md says what the model leaves out.`,
  define: (command) => {
    command
      .option(
        '--set <name=value>',
        'a setting besides those of the environment (several times)',
        several(readSetting),
      )
      .option(
        '--versus <name=value>',
        'compare with the same settings but this one (several times)',
        several(readSetting),
      )
      .option('--rate <number>', 'calls a second, of all clients together', number({ min: 0.001 }), 240)
      .option(
        '--clients <number>',
        'so many processes with a client each',
        wholeNumber({ min: 1, max: 10_000 }),
        30,
      )
      .option('--duration <duration>', 'for how long calls come', duration(1_000), 60_000)
      .option('--slots <number>', 'requests that the upstream works on at once', wholeNumber({ min: 1 }), 30)
      .option(
        '--service <time>',
        'what it takes for one: 100ms, exp:100ms, lognormal:80ms,400ms, bimodal:100ms (default: exp:100ms)',
        readService,
      )
      .option('--queue <number>', 'requests that may wait there; it answers the others 503', wholeNumber())
      .option(
        '--abandoned <fate>',
        `what becomes of requests whose client has left: ${abandonedFates.join(', ')}`,
        oneOf(abandonedFates),
        'finished',
      )
      .option('--latency <duration>', 'one way to the upstream', duration(), 1)
      .option(
        '--event <event>',
        'what happens, as below; several times (default: outage@20s+10s)',
        several(readEvent),
      )
      .option('--seed <number>', 'of the first run; the same seed brings the same calls', wholeNumber(), 1)
      .option(
        '--seeds <number>',
        'so many runs, each with the next seed',
        wholeNumber({ min: 1, max: 1_000 }),
        1,
      )
      .option('--markdown', 'the table of a comparison in Markdown')
    showDefault(command, '--duration', '60s')
    showDefault(command, '--latency', '1ms')
  },
  run: async (invocation, terminal) => (await import('./simulate.ts')).runSimulate(invocation, terminal),
}
