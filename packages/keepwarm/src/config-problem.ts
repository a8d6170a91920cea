/** Which kind of mistake it is, for programs. */
export type ConfigReason =
  | 'not_a_number'
  | 'bad_unit'
  | 'out_of_range'
  | 'not_allowed'
  | 'unknown_variable'
  | 'unknown_option'
  | 'conflict'
  | 'missing'

/** One thing that is wrong with a configuration. */
export interface ConfigProblem {
  /** The environment variable or option that is wrong. */
  readonly variable: string
  /** What came, with secrets masked. */
  readonly received: string
  /** What is allowed, in words. */
  readonly expected: string
  /** A line that would work. */
  readonly fix?: string
  readonly reason?: ConfigReason
  /** The client that it configures, where there are several. */
  readonly client?: string
  /** The option that the variable sets. */
  readonly option?: string
  /** Where it was found. */
  readonly source?: 'code' | 'environment' | 'file'
}

/** All of them, with what came, what is allowed and a line that works. */
export function renderProblems(problems: readonly ConfigProblem[]): string {
  const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`
  const lines = problems.map((problem) => {
    const fix = problem.fix === undefined ? '' : `\n      fix: ${problem.fix}`
    const client = problem.client === undefined ? '' : `, for the client "${problem.client}"`
    return `  ✗ ${problem.variable} = ${problem.received}${client}\n      expected ${problem.expected}${fix}`
  })
  return `${count} in HTTP client configuration\n${lines.join('\n')}`
}
