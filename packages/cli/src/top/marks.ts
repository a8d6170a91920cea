/** Signs that say what colours say. */
import type { Level } from '@keepwarm/dashboard/state'
import type { Paint } from '../terminal/terminal.ts'

const signs: Readonly<Record<Level, readonly [sign: string, colour: 'green' | 'blue' | 'yellow' | 'red']>> = {
  ok: ['●', 'green'],
  info: ['●', 'blue'],
  warn: ['▲', 'yellow'],
  critical: ['■', 'red'],
}

/** A level that is not known is as bad as a warning. */
function signOf(level: Level): (typeof signs)[Level] {
  return signs[level] ?? signs.warn
}

export function levelSign(level: Level, paint: Paint): string {
  const [sign, colour] = signOf(level)
  return paint(colour, sign)
}

export function inLevel(level: Level, text: string, paint: Paint): string {
  return paint([signOf(level)[1], 'bold'], text)
}
