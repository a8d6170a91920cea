/** A diagnosis for people at a terminal. */
import type { Verdict } from './observed.ts'

const marks: Readonly<Record<Verdict['level'], string>> = { ok: '✓', info: 'i', warn: '!', critical: '✗' }

export function diagnosisText(verdicts: readonly Verdict[]): string {
  return verdicts.map(one).join('\n\n')
}

function one({ level, text, evidence, suggestion }: Verdict): string {
  return [
    `${marks[level] ?? '?'} ${text}`,
    ...evidence.map(({ name, value }) => `    ${name}: ${value}`),
    ...(suggestion === null ? [] : [`  → ${suggestion.text}`]),
    ...[suggestion?.env, suggestion?.code]
      .flatMap((lines) => (lines ?? '').split('\n'))
      .filter((line) => line !== '')
      .map((line) => `      ${line}`),
  ].join('\n')
}
