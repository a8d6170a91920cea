/** What is wrong with the environment, all of it at once. */
import type { ConfigProblem } from 'keepwarm'

export type { ConfigProblem }

/** The service cannot start as it is configured. */
export class SettingsError extends Error {
  readonly problems: readonly ConfigProblem[]

  constructor(problems: readonly ConfigProblem[]) {
    super(render(problems))
    this.problems = problems
  }

  override get name(): string {
    return 'SettingsError'
  }
}

function render(problems: readonly ConfigProblem[]): string {
  const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`
  const lines = problems.map(({ variable, received, expected, fix }) => {
    const help = fix === undefined ? '' : `\n      fix: ${fix}`
    return `  ✗ ${variable} = ${received}\n      expected ${expected}${help}`
  })
  return `${count} in the configuration\n${lines.join('\n')}`
}

/** A URL as it may be shown: without its user name and password. What is no URL loses all that stands before an @. */
export function shownUrl(text: string): string {
  const url = URL.parse(text)
  if (url === null) return text.replace(/^.*@/s, '…@')
  url.username = ''
  url.password = ''
  return url.href.replace(/\/$/, '')
}
