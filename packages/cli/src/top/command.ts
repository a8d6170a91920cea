import type { CliCommand } from '../command.ts'
import { exitCodes } from '../exit-codes.ts'
import { duration, httpUrl, oneOf } from '../options/parse.ts'
import { addServiceOptions, serviceNotes, showDefault } from '../service/options.ts'
import { sorts } from './sorts.ts'

export const topCommand: CliCommand = {
  name: 'top',
  summary: 'Watch the clients of a running service, live',
  examples: [
    ['top http://127.0.0.1:9090', 'a live view; q quits, ? tells the keys'],
    ['top http://127.0.0.1:9090 --once', 'one look, as text'],
    ['top http://127.0.0.1:9090 --json | jq .level', 'a line of JSON each second'],
    ['top https://ops.example.com/dashboard --sort latency', 'with KEEPWARM_TOKEN in the environment'],
  ],
  exits: [
    [exitCodes.ok, 'quit, or looked once'],
    [exitCodes.usage, 'wrong usage'],
    [exitCodes.unavailable, 'there is no dashboard to be had'],
    [exitCodes.interrupted, 'interrupted'],
  ],
  notes: `Where standard output is no terminal, a table comes each second. Once it was there, a service that goes away is
waited for.

${serviceNotes}`,
  define: (command) => {
    command
      .argument('<url>', 'of the dashboard', httpUrl())
      .option('--once', 'one look, and no more')
      .option('--every <duration>', 'how often, in whole seconds up to 60', duration(1_000), 1_000)
      .option('--sort <order>', `the order of the rows: ${sorts.join(', ')}`, oneOf(sorts), 'state')
      .option('--client <name>', 'the client whose details are shown at first')
      .option('--process <id>', 'one process of several, by its id; all together without it')
    showDefault(command, '--every', '1s')
    addServiceOptions(command)
  },
  run: async (invocation, terminal) => (await import('./top.ts')).runTop(invocation, terminal),
}
