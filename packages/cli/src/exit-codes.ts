/** What the command says when it ends. Each command's help names the ones it uses. */
export const exitCodes = {
  /** Done, and nothing to complain of. */
  ok: 0,
  /** Done, and the answer is no: a problem was found, a threshold was missed. */
  found: 1,
  /** The command line is wrong, or what was asked for could not be tried. */
  usage: 2,
  /** The target does not answer. */
  unavailable: 69,
  /** A fault of the command's own. */
  internal: 70,
  /** The configuration is wrong. */
  config: 78,
  /** Ctrl-C, or the end asked for by a supervisor. */
  interrupted: 130,
} as const

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]
