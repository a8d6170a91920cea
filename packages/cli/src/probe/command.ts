/** `keepwarm probe`. */
import type { CliCommand } from '../command.ts'
import { exitCodes } from '../exit-codes.ts'
import { duration, wholeNumber } from '../options/parse.ts'
import { showDefault } from '../service/options.ts'
import { defineTarget } from '../target/target.ts'

export const probeCommand: CliCommand = {
  name: 'probe',
  arguments: '<url>',
  summary: 'Find out how a server treats connections, and the settings that fit it',
  examples: [
    ['probe https://api.example.com/health', 'its keep-alive timeout, limits, handshakes'],
    ['probe http://127.0.0.1:8080/ --max-idle 10s', 'wait 10 seconds at most'],
    ['probe https://api.example.com/ --prefix ORDERS_HTTP_CLIENT --env > .env', 'settings for one service'],
  ],
  exits: [
    [exitCodes.ok, 'it is told'],
    [exitCodes.usage, 'the command line is wrong'],
    [exitCodes.unavailable, 'the server does not answer, or its certificate is not trusted'],
    [exitCodes.interrupted, 'interrupted; what was found until then is printed'],
  ],
  notes: `It makes about 25 connections, ten of them at once, and about 30 requests besides --max-requests: GET, one HEAD and one
OPTIONS. It takes little longer than the server keeps an idle connection, twice as long where it looks for the race, and
--max-idle where no end comes. Proxies of the environment are not used: the server itself is probed.`,
  define: (command) => {
    command
      .option('--max-idle <time>', 'how long a connection is left alone at most', duration(100), 120_000)
      .option(
        '--max-requests <n>',
        'requests on one connection at most',
        wholeNumber({ min: 1, max: 10_000 }),
        100,
      )
      .option('--race', 'look for the race even where the server keeps connections for more than 15 s')
      .option('--http1', 'leave HTTP/2 out')
      .option('--timeout <time>', 'how long a dial or an answer may take', duration(1), 10_000)
      .option('--env', 'nothing but the settings, as a block of variables')
      .option('--prefix <prefix>', 'that of the variables', 'HTTP_CLIENT')
    defineTarget(command)
    showDefault(command, '--max-idle', '2m')
    showDefault(command, '--timeout', '10s')
  },
  run: async (invocation, terminal) => (await import('./probe.ts')).runProbe(invocation, terminal),
}
