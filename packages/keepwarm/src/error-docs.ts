/** The tables and chapters of docs/errors.md, in Markdown. */
import { errorCodes, type ErrorCodeRow } from './error-codes.ts'
import { errorExamples } from './error-examples.ts'
import type { ErrorCode } from './errors.ts'
import { anotherTry, outcomeOf, type AnotherTry, type OutcomeKind } from './outcome.ts'

const codes = Object.keys(errorCodes) as ErrorCode[]

/** A line for each code. */
export function renderErrorTable(): string {
  const lines = codes.map((code) =>
    line([`[\`${code}\`](#${code})`, phaseText(errorCodes[code]), breakerText(code), againText(code)]),
  )
  return [line(['Code', 'Phase', 'Breaker', 'Tried again']), '|---|---|---|---|', ...lines].join('\n')
}

/** A chapter for each code: what happened, what to do, and how it reads. */
export function renderErrorChapters(): string {
  return codes
    .map((code) => {
      const { what, help } = errorCodes[code]
      return `### ${code}\n\n${what}\n\n**What to do:** ${help}\n\n\`\`\`text\n${errorExamples[code]}\n\`\`\``
    })
    .join('\n\n')
}

function phaseText({ phases }: ErrorCodeRow): string {
  if (phases === 'none') return '–'
  return phases === 'any' ? 'any' : phases.join(', ')
}

const outcomes: Readonly<Record<OutcomeKind, string>> = {
  success: 'success',
  failure: 'failure',
  overload: 'overload',
  slow: 'slow',
  ignored: '–',
}

function breakerText(code: ErrorCode): string {
  return errorCodes[code].breaker ?? outcomes[outcomeOf({ code, sent: 'maybe' })]
}

const tries: Readonly<Record<AnotherTry, string>> = {
  worth: 'idempotent or keyed',
  pointless: 'only when `shouldRetry` says so',
  queue: 'no: we are the bottleneck',
  never: 'no',
}

function againText(code: ErrorCode): string {
  return errorCodes[code].again ?? tries[anotherTry({ code }, new Set())]
}

function line(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`
}
