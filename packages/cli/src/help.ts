/** The parts of the help that commander does not write: examples first, exit codes last. */
import type { CliCommand, Example } from './command.ts'

/** The examples of one command, in two columns. */
export function exampleText(examples: readonly Example[]): string {
  const width = Math.max(0, ...examples.map(([line]) => line.length))
  const lines = examples.map(([line, purpose]) => `  keepwarm ${line.padEnd(width)}   ${purpose}`.trimEnd())
  return ['Examples:', ...lines, ''].join('\n')
}

/** The first example of each command. */
export function overview(commands: readonly CliCommand[]): string {
  return exampleText(commands.flatMap(({ examples }) => examples.slice(0, 1)))
}

/** `Exit codes: 0 healthy · 1 …`, broken into lines of their own. */
export function exitText(exits: CliCommand['exits']): string {
  return ['Exit codes:', ...exits.map(([code, meaning]) => `  ${String(code).padEnd(4)}${meaning}`)].join(
    '\n',
  )
}
