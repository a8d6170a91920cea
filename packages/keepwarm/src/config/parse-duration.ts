const units: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

const form = /^(\d+(?:\.\d+)?|\.\d+)\s*([a-z]*)$/

/**
 * Reads a duration: `500ms`, `30s`, `1.5m`, `2h`, `1d`.
 *
 * @param bareUnit what a number without a unit means; without it, such a number is not understood.
 * @returns milliseconds, or undefined when the text is no duration.
 * @example parseDuration('1.5s') // 1500
 * @example parseDuration('30', 's') // 30000
 */
export function parseDuration(text: string, bareUnit?: 'ms' | 's'): number | undefined {
  const [, amount, unit] = form.exec(text.trim()) ?? []
  const length = units[unit || (bareUnit ?? '')]
  if (amount === undefined || length === undefined) return undefined
  const milliseconds = Number(amount) * length
  // 0.1 s × 1000 is 100, but 1.001 s is 1000.9999999999999.
  return Number.isFinite(milliseconds) ? Number(milliseconds.toPrecision(15)) : undefined
}

/**
 * The shortest exact way to write milliseconds that {@link parseDuration} reads back.
 *
 * @example formatDuration(90_000) // '90s'
 * @example formatDuration(300_000) // '5m'
 */
export function formatDuration(milliseconds: number): string {
  const fits = Object.entries(units).filter(([, length]) => milliseconds % length === 0)
  const [unit = 'ms', length = 1] = milliseconds === 0 ? ['s', 1_000] : (fits.at(-1) ?? [])
  return `${milliseconds / length}${unit}`
}
