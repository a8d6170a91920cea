/** How what was found is said. */
import { figure } from '../measuring/words.ts'

/** `0.412 ms`, `35.1 ms`, `2 s`, `1.98 s`, `2 min` */
export function milliseconds(value: number): string {
  if (!Number.isFinite(value)) return '–'
  if (value < 1_000) return `${figure(value)} ms`
  const [amount, unit] = value < 100_000 ? [value / 1_000, 's'] : [value / 60_000, 'min']
  return `${Number(amount.toPrecision(3))} ${unit}`
}
