/** The shape that every command has. */
import type { Command } from 'commander'
import type { ExitCode } from './exit-codes.ts'
import type { Terminal } from './terminal/terminal.ts'

/** One line of the examples: the command, without the leading `keepwarm`, and what it is for. */
export type Example = readonly [line: string, purpose: string]

/** A command as help and the command line know it. What it does is imported when it is run. */
export interface CliCommand {
  readonly name: string
  /** Positional arguments in commander's notation: `<url>`, `[prefix]`. */
  readonly arguments?: string
  /** One sentence without a full stop. */
  readonly summary: string
  readonly examples: readonly Example[]
  /** The exit codes it uses, with what each means here. */
  readonly exits: readonly (readonly [ExitCode, string])[]
  /** More for the end of the help: environment variables, keys. */
  readonly notes?: string
  /** Adds what it takes to the command line. `--json`, `--quiet` and help are there already. */
  readonly define: (command: Command) => void
  /** Does it. Ends soon after `terminal.signal` has aborted. */
  readonly run: (invocation: Invocation, terminal: Terminal) => Promise<ExitCode>
}

/** What stood on the command line. */
export interface Invocation {
  /**
   * The positional arguments in their order, as their readers made them: text where there is none, a list for a variadic
   * one, undefined for an optional one that is not given. Each command knows its own types.
   */
  readonly args: readonly unknown[]
  /** What commander made of the options, by camel-cased name. Each command knows its own types. */
  readonly options: Readonly<Record<string, unknown>>
}
