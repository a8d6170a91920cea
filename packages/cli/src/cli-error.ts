import { exitCodes, type ExitCode } from './exit-codes.ts'

/** Something the user can put right: told in one paragraph, without a stack. */
export class CliError extends Error {
  override readonly name = 'CliError'
  readonly exitCode: ExitCode

  /** @param message names what came, what is allowed and how to mend it */
  constructor(message: string, exitCode: ExitCode = exitCodes.usage, options?: ErrorOptions) {
    super(message, options)
    this.exitCode = exitCode
  }
}
