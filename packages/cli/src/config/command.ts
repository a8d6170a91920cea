import type { CliCommand } from '../command.ts'
import { exitCodes } from '../exit-codes.ts'
import { several } from '../options/parse.ts'

export const configCommand: CliCommand = {
  name: 'config',
  arguments: '[prefix]',
  summary: 'Show the configuration in effect, and where each value comes from',
  examples: [
    ['config', 'what HTTP_CLIENT_… comes to'],
    ['config SEARCH_SERVICE', 'what SEARCH_SERVICE_HTTP_CLIENT_… comes to'],
    ['config --check', 'look for mistakes under every prefix; exit code 1 when there are some'],
    ['config SEARCH_SERVICE --env > .env', 'as a block of variables'],
    ['config --file clients.json ollama --changed', 'a client of a file, without what is as usual'],
  ],
  exits: [
    [exitCodes.ok, 'it is told, or nothing is wrong'],
    [exitCodes.found, '--check found problems, and they are told'],
    [exitCodes.usage, 'wrong usage'],
    [exitCodes.config, 'the configuration cannot be used, so that there is nothing to show'],
  ],
  notes: `The prefix is that of the variables: HTTP_CLIENT for all services (the default), SEARCH_SERVICE_HTTP_CLIENT or short
SEARCH_SERVICE for one of them. With --file it may be the name of a client. Credentials are masked.`,
  define: (command) => {
    command
      .option('--check', 'look for mistakes: values, contradictions, variables that nobody knows')
      .option('--changed', 'leave out what is as usual')
      .option('--env', 'as a block of variables, for a file such as .env')
      .option('--file <path>', 'a file of named clients, as createClients() takes it')
      .option(
        '--env-file <path>',
        'variables from a file; those of the environment count more (may be given several times)',
        several(String),
      )
  },
  run: async (invocation, terminal) => (await import('./config.ts')).runConfig(invocation, terminal),
}
