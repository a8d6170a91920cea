/** Numbers as people read them. */

const grouped = new Intl.NumberFormat('en', { maximumFractionDigits: 0 })

/** @example count(12345) // '12,345' */
export function count(value: number): string {
  return grouped.format(value)
}

/** @example counted(1, 'document') // '1 document' */
export function counted(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`
}

/** Milliseconds. @example duration(83_000) // '1 min 23 s' */
export function duration(ms: number): string {
  if (ms < 1) return `${ms.toFixed(2)} ms`
  if (ms < 10) return `${ms.toFixed(1)} ms`
  if (ms < 1_000) return `${Math.round(ms)} ms`
  if (ms < 59_950) return `${(ms / 1_000).toFixed(1)} s`
  const seconds = Math.round(ms / 1_000)
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`
}

/** @example share(199, 200) // '99.5 %' */
export function share(part: number, whole: number): string {
  if (whole === 0) return '–'
  // Rounding must not make everything of almost everything.
  const tenths = part === whole ? 1_000 : Math.min(999, Math.round((part / whole) * 1_000))
  return `${(tenths / 10).toFixed(1)} %`
}

/** @example rate(52, 2_600) // '20.0' a second */
export function rate(amount: number, ms: number): string {
  const perSecond = ms > 0 ? (amount / ms) * 1_000 : 0
  return perSecond >= 100 ? count(perSecond) : perSecond.toFixed(1)
}

/** Text from a file on one line, without whatever would steer the terminal. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ')
}
