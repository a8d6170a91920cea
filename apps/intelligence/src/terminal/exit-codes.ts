/** How the program ends. */
export const exitCodes = { ok: 0, lost: 1, usage: 2, unreachable: 69, config: 78, interrupted: 130 } as const

/** The job cannot be done as it was asked for. */
export class JobError extends Error {
  readonly exitCode: number

  constructor(exitCode: number, message: string) {
    super(message)
    this.exitCode = exitCode
  }

  override get name(): string {
    return 'JobError'
  }
}
