/** What commands that ask a running service have in common. */
import type { Command } from 'commander'
import { duration } from '../options/parse.ts'

export const tokenVariable = 'KEEPWARM_TOKEN'

export interface ServiceOptions {
  readonly token?: string
  /** Milliseconds. */
  readonly timeout: number
}

export function addServiceOptions(command: Command): void {
  command
    .option(
      '--token <token>',
      `what the dashboard asks for; better in ${tokenVariable}, where the list of processes does not show it`,
    )
    .option('--timeout <duration>', 'how long an answer may take', duration(1), 5_000)
  showDefault(command, '--timeout', '5s')
}

/** In the help, a default reads as it would be written. */
export function showDefault(command: Command, flag: string, text: string): void {
  const option = command.options.find(({ long }) => long === flag)
  if (option !== undefined) option.default(option.defaultValue, text)
}

export const serviceNotes = `Environment:
  ${tokenVariable}   the token, where the dashboard asks for one`
