/** Reads the command line, runs the command, and turns whatever comes of it into an exit code. */
import { Command, CommanderError } from 'commander'
import { CliError } from './cli-error.ts'
import type { CliCommand } from './command.ts'
import { commands } from './commands.ts'
import { exitCodes, type ExitCode } from './exit-codes.ts'
import { exampleText, exitText, overview } from './help.ts'
import type { Surroundings } from './terminal/surroundings.ts'
import { isColoured, openTerminal, painter, widthOf, type Terminal } from './terminal/terminal.ts'
import { version } from './version.ts'

/** @param argv what follows the command's own name */
export async function runCommandLine(
  argv: readonly string[],
  surroundings: Surroundings,
  known: readonly CliCommand[] = commands,
): Promise<ExitCode> {
  let ended: ExitCode = exitCodes.ok
  const program = rootCommand(surroundings)
  for (const command of known) {
    program.addCommand(
      subcommand(command, surroundings, async (...given) => {
        ended = await perform(command, surroundings, ...given)
      }),
    )
  }
  program.addHelpText('before', overview(known))
  try {
    await program.parseAsync(argv, { from: 'user' })
    return ended
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage
    throw error
  }
}

function rootCommand(surroundings: Surroundings): Command {
  const program = new Command('keepwarm')
    .usage('<command> [options]')
    .version(version(), '-V, --version', 'the version of keepwarm')
    .helpOption('-h, --help', 'this')
    .helpCommand('help [command]', 'what a command can do')
    .configureHelp({ subcommandTerm: termOf })
    .addHelpText('after', '\nkeepwarm <command> --help has its examples, options and exit codes.')
  return inSurroundings(program, surroundings)
}

/** Every command has options; what it is given is worth more room. */
function termOf(command: Command): string {
  const given = command.registeredArguments.map((argument) => {
    const name = argument.name() + (argument.variadic ? '...' : '')
    return argument.required ? `<${name}>` : `[${name}]`
  })
  return [command.name(), ...given].join(' ')
}

function subcommand(
  { name, arguments: positional = '', summary, examples, exits, notes, define }: CliCommand,
  surroundings: Surroundings,
  action: (args: readonly unknown[], options: Record<string, unknown>) => Promise<void>,
): Command {
  const command = inSurroundings(new Command(name), surroundings)
    .summary(summary)
    .description(`${summary}.`)
    .helpOption('-h, --help', 'this')
  if (positional !== '') command.arguments(positional)
  define(command)
  return command
    .option('--json', 'the result as JSON')
    .option('-q, --quiet', 'no progress and no remarks')
    .addHelpText('before', exampleText(examples))
    .addHelpText('after', `${notes === undefined ? '' : `\n${notes}\n`}\n${exitText(exits)}`)
    .action(async (...given: unknown[]) => {
      await action(given.slice(0, -2), command.opts<Record<string, unknown>>())
    })
}

/** Help and complaints go where the rest goes, and nothing ends the process from within. */
function inSurroundings(command: Command, surroundings: Surroundings): Command {
  const { stdout, stderr, env } = surroundings
  return command
    .exitOverride()
    .showHelpAfterError(
      `Run "keepwarm ${command.name() === 'keepwarm' ? '' : `${command.name()} `}--help" for what is allowed.`,
    )
    .configureOutput({
      writeOut: (text) => stdout.write(text),
      writeErr: (text) => stderr.write(text),
      outputError: (text, write) => write(complaint(text.replace(/^error: /, ''), surroundings)),
      getOutHelpWidth: () => Math.min(widthOf(stdout), 110),
      getErrHelpWidth: () => Math.min(widthOf(stderr), 110),
      getOutHasColors: () => isColoured(stdout, env),
      getErrHasColors: () => isColoured(stderr, env),
    })
}

async function perform(
  command: CliCommand,
  surroundings: Surroundings,
  args: readonly unknown[],
  options: Record<string, unknown>,
): Promise<ExitCode> {
  const terminal = openTerminal(surroundings, {
    json: options['json'] === true,
    quiet: options['quiet'] === true,
  })
  try {
    const code = await command.run({ args, options }, terminal)
    return interrupted(surroundings) ? exitCodes.interrupted : code
  } catch (error) {
    return explain(error, terminal)
  }
}

/** Says what is wrong, and without a stack where the user can put it right. */
function explain(error: unknown, terminal: Terminal): ExitCode {
  const { signal, complain, surroundings } = terminal
  if (signal.aborted && !(error instanceof CliError))
    return interrupted(surroundings) ? exitCodes.interrupted : exitCodes.ok
  if (error instanceof CommanderError) throw error
  const known = error instanceof CliError
  const text =
    error instanceof Error ? (known ? error.message : (error.stack ?? error.message)) : String(error)
  complain(complaint(text, surroundings))
  return known ? error.exitCode : exitCodes.internal
}

/** Without the credentials of a URL that was given. */
function complaint(text: string, { stderr, env }: Surroundings): string {
  return `${painter(stderr, env)('red', '✗')} ${text.replaceAll(/\/\/[^/\s@]+@/g, '//***@')}`
}

/** A reader that closed its pipe has seen enough: that is no interruption. */
function interrupted({ signal }: Surroundings): boolean {
  return signal.aborted && signal.reason !== 'EPIPE'
}
