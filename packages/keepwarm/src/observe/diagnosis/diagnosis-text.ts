import type { Verdict } from './verdict.ts'

/** Columns and verdicts that a terminal shows at once. */
const WIDTH = 100
const MOST_VERDICTS = 6
const MOST_EVIDENCE = 6
/** Where a line may end: a number stays with its unit. */
const BREAK = / (?!(?:ms|s|min|%)(?:\W|$))/

/**
 * Verdicts for a terminal: plain text, about one screen, without colours.
 *
 * @example console.log(diagnosisText(diagnose(before, now)))
 * // CRITICAL  pool_exhausted  search
 * //   no free connection to http://search:8055 for 38 s: 20 of 20 in use, 14 waiting, …
 */
export function diagnosisText(verdicts: readonly Verdict[]): string {
  const shown = verdicts.slice(0, MOST_VERDICTS).map(verdictText)
  const left = verdicts.length - MOST_VERDICTS
  if (left > 0) shown.push(`and ${left} more`)
  return shown.join('\n\n')
}

function verdictText({ level, kind, client, text, evidence, suggestion, includes }: Verdict): string {
  if (level === 'ok') return `OK        ${printable(text)}`
  const names = evidence.slice(0, MOST_EVIDENCE).map(({ name }) => name.length)
  const column = Math.min(40, Math.max(0, ...names))
  const lines = [
    `${level.toUpperCase().padEnd(8)}  ${kind}${client === null ? '' : `  ${printable(client)}`}`,
    ...wrapped(text, '  '),
    ...evidence
      .slice(0, MOST_EVIDENCE)
      .map(({ name, value }) => `    ${printable(name).padEnd(column)}  ${printable(value)}`),
  ]
  if (includes !== undefined && includes.length > 0) lines.push(`    comes with ${includes.join(', ')}`)
  if (suggestion === null) return lines.join('\n')
  lines.push(...wrapped(suggestion.text, '  → '))
  const copyable = suggestion.env ?? suggestion.code
  if (copyable !== undefined) lines.push(...copyable.split('\n').map((line) => `      ${printable(line)}`))
  return lines.join('\n')
}

function wrapped(text: string, indent: string): string[] {
  const lines: string[] = []
  let line = indent
  for (const word of printable(text).split(BREAK)) {
    if (line.length + word.length > WIDTH && line.trim() !== '') {
      lines.push(line.trimEnd())
      line = ' '.repeat(indent.length)
    }
    line += `${word} `
  }
  return [...lines, line.trimEnd()]
}

/** Nobody shall write lines of their own into a terminal, or colour it. */
function printable(text: string): string {
  return text.replaceAll(/[\u0000-\u001f\u007f-\u009f]/g, '·')
}
