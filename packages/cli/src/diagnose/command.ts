import type { CliCommand } from '../command.ts'
import { exitCodes } from '../exit-codes.ts'
import { duration, oneOf } from '../options/parse.ts'
import { addServiceOptions, serviceNotes } from '../service/options.ts'
import { levels } from './levels.ts'

export const diagnoseCommand: CliCommand = {
  name: 'diagnose',
  arguments: '<source...>',
  summary: 'Say what is wrong with the clients of a running service, why, and what to do',
  examples: [
    ['diagnose http://127.0.0.1:9090', 'ask the dashboard of a service'],
    ['diagnose http://127.0.0.1:9090 --over 10s', 'judge what happens in the next ten seconds'],
    ['diagnose before.json now.json', 'compare snapshots that were kept'],
    ['diagnose - --json < snapshot.json', 'from standard input, for a program'],
  ],
  exits: [
    [exitCodes.ok, 'healthy, or nothing as bad as --level'],
    [exitCodes.found, 'there are verdicts, and they are told'],
    [exitCodes.usage, 'it could not be asked: wrong usage, no answer, no snapshot'],
    [exitCodes.interrupted, 'interrupted'],
  ],
  notes: `A source is the URL of a dashboard, a file with what /snapshot.json answered, or - for standard input. Of several
snapshots of one process the newest is judged, against the others.

${serviceNotes}`,
  define: (command) => {
    command
      .option(
        '--over <duration>',
        'watch for so long before judging: a service that nobody looked at has nothing to compare with',
        duration(1_000),
      )
      .option(
        '--level <level>',
        `the mildest verdict that makes the exit code 1: ${levels.join(', ')}`,
        oneOf(levels),
        'warn',
      )
    addServiceOptions(command)
  },
  run: async (invocation, terminal) => (await import('./diagnose.ts')).runDiagnose(invocation, terminal),
}
