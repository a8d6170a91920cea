/** Colours for a diagnosis that is written already: its first words say how bad it is. */
import type { Paint } from '../terminal/terminal.ts'

const colours = {
  CRITICAL: ['red', 'bold'],
  WARN: ['yellow', 'bold'],
  INFO: ['blue', 'bold'],
  OK: ['green', 'bold'],
} as const

export function paintDiagnosis(text: string, paint: Paint): string {
  return text
    .split('\n')
    .map((line) => paintLine(line, paint))
    .join('\n')
}

function paintLine(line: string, paint: Paint): string {
  const [, word, rest] = /^(CRITICAL|WARN|INFO|OK)\b(.*)$/.exec(line) ?? []
  if (word !== undefined) {
    const [, gap = '', kind = '', who = ''] = /^(\s+)(\S+)(.*)$/.exec(rest ?? '') ?? []
    const colour = [...colours[word as keyof typeof colours]]
    return word === 'OK'
      ? paint(colour, word) + rest
      : `${paint(colour, word)}${gap}${paint('bold', kind)}${who}`
  }
  if (/^ {6}\S/.test(line)) return paint('cyan', line)
  if (/^ {4}\S/.test(line) && !/^ {4}comes with /.test(line)) return paint('dim', line)
  return line
}
