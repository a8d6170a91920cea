/** Numbers as people read them: short, with a unit, the same width as far as it goes. */

export const NOTHING = '–'

export function count(value: number | null | undefined): string {
  if (!isKnown(value)) return NOTHING
  if (Math.abs(value) >= 1e6) return `${trim(value / 1e6)} M`
  if (Math.abs(value) >= 1e4) return `${trim(value / 1e3)} k`
  return Number.isInteger(value) ? String(value) : trim(value)
}

/** Per second. */
export function rate(value: number | null | undefined): string {
  if (!isKnown(value)) return NOTHING
  if (value === 0) return '0'
  if (value < 0.05) return '<0.1'
  return value < 100 ? value.toFixed(1) : count(Math.round(value))
}

/** Milliseconds, however long. */
export function duration(ms: number | null | undefined): string {
  if (!isKnown(ms)) return NOTHING
  if (ms < 1) return ms <= 0 ? '0 ms' : '<1 ms'
  if (ms < 999.5) return `${Math.round(ms)} ms`
  const seconds = ms / 1_000
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`
  if (seconds < 99.5) return `${Math.round(seconds)} s`
  const minutes = Math.round(seconds / 60)
  if (minutes < 60) return seconds < 600 ? minutesAndSeconds(seconds) : `${minutes} min`
  const hours = Math.floor(minutes / 60)
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} d ${hours % 24} h`
}

/** A share of one in per cent. 100 % is said of all of them alone, and 0 % of none. */
export function share(value: number | null | undefined): string {
  if (!isKnown(value)) return NOTHING
  const percent = value * 100
  if (value < 1 && percent > 99.5) return `${Math.min(99.9, Math.floor(percent * 10) / 10).toFixed(1)} %`
  if (value > 0 && percent < 0.5) return '<1 %'
  return `${Math.round(percent)} %`
}

export function factor(value: number | null | undefined): string {
  return isKnown(value) ? `×${value.toFixed(2)}` : NOTHING
}

export function bytes(value: number | null | undefined): string {
  if (!isKnown(value)) return NOTHING
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB']
  let unit = 0
  while (value >= 1_000 && unit < units.length - 1) {
    value /= 1_024
    unit++
  }
  return `${unit === 0 ? value : trim(value)} ${units[unit]}`
}

/** The time of day, here. */
export function clock(at: number): string {
  const date = new Date(at)
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':')
}

function minutesAndSeconds(seconds: number): string {
  const whole = Math.round(seconds)
  return `${Math.floor(whole / 60)} min ${whole % 60} s`
}

function trim(value: number): string {
  if (Math.abs(value) >= 100) return String(Math.round(value))
  return value.toFixed(Math.abs(value) >= 10 ? 0 : 1).replace(/\.0$/, '')
}

function two(value: number): string {
  return String(value).padStart(2, '0')
}

function isKnown(value: number | null | undefined): value is number {
  return value != null && Number.isFinite(value)
}
