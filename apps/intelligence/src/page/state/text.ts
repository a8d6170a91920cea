/** Figures as they are read. Pure; the moment is an argument. */

const ages: readonly (readonly [ms: number, unit: Intl.RelativeTimeFormatUnit])[] = [
  [31_557_600_000, 'year'],
  [2_629_800_000, 'month'],
  [86_400_000, 'day'],
  [3_600_000, 'hour'],
  [60_000, 'minute'],
]
const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' })

/** @example ageText(now - 3 * 86_400_000, now) // '3 days ago' */
export function ageText(moment: number, now: number): string {
  const ago = Math.max(0, now - moment)
  const [ms, unit] = ages.find(([least]) => ago >= least) ?? []
  return ms === undefined || unit === undefined ? 'just now' : relative.format(-Math.floor(ago / ms), unit)
}

/** @example sizeText(2_048) // '2 kB' */
export function sizeText(bytes: number): string {
  if (bytes < 1_000) return `${bytes} B`
  return bytes < 1_000_000 ? `${Math.round(bytes / 1_000)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`
}

export function percent(share: number): string {
  return `${Math.round(share * 100)} %`
}

/** @example counted(1, 'document') // '1 document' */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString('en')} ${count === 1 ? one : many}`
}
