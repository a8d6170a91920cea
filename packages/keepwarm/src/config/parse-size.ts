const units: Readonly<Record<string, number>> = {
  b: 1,
  kb: 1_000,
  mb: 1_000 ** 2,
  gb: 1_000 ** 3,
  kib: 1_024,
  mib: 1_024 ** 2,
  gib: 1_024 ** 3,
}

const names = ['B', 'KiB', 'MiB', 'GiB'] as const

const form = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/

/**
 * Reads a size: a number of bytes, `64KiB`, `10MB`, `1.5GiB`. Case does not matter: nobody means a megabit here.
 *
 * @returns whole bytes, or undefined when the text is no size or not a whole number of bytes.
 * @example parseSize('64MiB') // 67108864
 */
export function parseSize(text: string): number | undefined {
  const [, amount, unit] = form.exec(text.trim().toLowerCase()) ?? []
  const length = units[unit || 'b']
  if (amount === undefined || length === undefined) return undefined
  const bytes = Number(amount) * length
  return Number.isSafeInteger(bytes) ? bytes : undefined
}

/**
 * The shortest exact way to write bytes that {@link parseSize} reads back.
 *
 * @example formatSize(67_108_864) // '64MiB'
 */
export function formatSize(bytes: number): string {
  const power = bytes === 0 ? 0 : names.findLastIndex((_, index) => bytes % 1_024 ** index === 0)
  return `${bytes / 1_024 ** power}${names[power] ?? 'B'}`
}
