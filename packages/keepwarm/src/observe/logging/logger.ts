/** Where lines go: pino, `console`, or whatever has these methods. Fields come first, then a sentence. */
import type { ConfigProblem } from '../../config-problem.ts'

export interface Logger {
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
  /** Where it is there it is asked before a line is made of each call. */
  isLevelEnabled?(level: string): boolean
}

const methods = ['debug', 'info', 'warn', 'error'] as const

export function loggerProblems(logger: unknown): readonly ConfigProblem[] {
  if (logger === undefined) return []
  const known = logger as Partial<Record<string, unknown>> | null
  const missing = methods.filter((method) => typeof known?.[method] !== 'function')
  if (missing.length === 0) return []
  const isObject = typeof logger === 'object' && logger !== null
  const received = isObject
    ? `something without ${missing.join('(), ')}()`
    : logger === null
      ? 'null'
      : `a ${typeof logger}`
  return [
    {
      variable: 'logger',
      received,
      expected: 'a logger with debug(), info(), warn() and error(), such as pino or console',
    },
  ]
}

/** What each line of each call is not made for, where nobody reads it. */
export function wantsDebug(logger: Logger): boolean {
  return logger.isLevelEnabled?.('debug') ?? true
}
