/** Numbers as people read them. */

/** @example duration(6_213) // '6.2 s' */
export function duration(ms: number): string {
  if (ms < 1) return '0 ms'
  if (ms < 999.5) return `${Math.round(ms)} ms`
  if (ms < 9_950) return `${Number((ms / 1_000).toFixed(1))} s`
  if (ms < 119_500) return `${Math.round(ms / 1_000)} s`
  return `${Math.round(ms / 60_000)} min`
}

/** @example percent(0.382) // '38 %' */
export function percent(share: number): string {
  const hundredfold = share * 100
  // All and nothing are said only when it is all or nothing.
  if (hundredfold > 99 && hundredfold < 100) return '99 %'
  if (hundredfold > 0 && hundredfold < 1) return '1 %'
  return `${Math.round(hundredfold)} %`
}

/** @example rate(12.41) // '12/s' */
export function rate(perSecond: number): string {
  return `${perSecond < 10 ? Number(perSecond.toFixed(1)) : Math.round(perSecond)}/s`
}

/** @example times(4.36) // '4.4 times' */
export function times(factor: number): string {
  return `${factor < 10 ? Number(factor.toFixed(1)) : Math.round(factor)} times`
}

/** @example count(1, 'connection') // '1 connection' */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`
}

/** The largest first, as `reset 12, 5xx 3`. */
export function listed(counts: Readonly<Record<string, number | undefined>>, most = 3): string {
  return largest(counts)
    .slice(0, most)
    .map(([name, number]) => `${name} ${number}`)
    .join(', ')
}

export function largest(counts: Readonly<Record<string, number | undefined>>): [string, number][] {
  return Object.entries(counts)
    .filter((entry): entry is [string, number] => (entry[1] ?? 0) > 0)
    .sort(([, a], [, b]) => b - a)
}

/** A number that somebody would choose, not below the given one. @example roundUp(37) // 40 */
export function roundUp(number: number): number {
  const steps = [1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10]
  const magnitude = 10 ** Math.max(0, Math.floor(Math.log10(Math.max(1, number))))
  const step = steps.find((each) => each * magnitude >= number && Number.isInteger(each * magnitude)) ?? 10
  return step * magnitude
}

/** A duration that somebody would choose, not above the given one. @example roundDown(8_730) // 8_000 */
export function roundDown(ms: number): number {
  const magnitude = 10 ** Math.max(0, Math.floor(Math.log10(Math.max(1, ms))))
  return Math.max(1, Math.floor(ms / magnitude) * magnitude)
}
