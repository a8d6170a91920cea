/** Where a value stands on an axis of a plot, and where its ticks are. */

export interface Scale {
  readonly ticks: readonly number[]
  /** The coordinate of a value; one beyond the axis stands at its end. */
  at(value: number): number
  /** Whether there is a place for it: infinite values have none, nor has 0 on a logarithmic axis. */
  shows(value: number): boolean
}

interface ScaleOptions {
  readonly most?: number
  readonly log?: boolean
}

/**
 * @param values what is shown
 * @param ends the coordinates of the axis' beginning and end
 */
export function scale(
  values: readonly number[],
  ends: readonly [number, number],
  { most, log = false }: ScaleOptions,
): Scale {
  return log ? logarithmic(values, ends) : linear(values, ends, most)
}

/** From 0 up. */
function linear(values: readonly number[], ends: readonly [number, number], most?: number): Scale {
  const greatest = most ?? values.filter(Number.isFinite).reduce((a, b) => Math.max(a, b), 0)
  const end = greatest > 0 ? greatest : 1
  const step = roundStep(end / 6)
  const ticks = Array.from({ length: Math.floor(end / step + 1e-9) + 1 }, (_, index) => index * step)
  return { ticks, at: (value) => between(ends, value / end), shows: Number.isFinite }
}

function logarithmic(values: readonly number[], ends: readonly [number, number]): Scale {
  const shows = (value: number): boolean => Number.isFinite(value) && value > 0
  const powers = values.filter(shows).map(Math.log10)
  const low = Math.floor(powers.reduce((a, b) => Math.min(a, b), powers[0] ?? 0))
  const high = Math.max(low + 1, Math.ceil(powers.reduce((a, b) => Math.max(a, b), low)))
  const ticks = Array.from({ length: high - low + 1 }, (_, index) => 10 ** (low + index))
  return { ticks, at: (value) => between(ends, (Math.log10(value) - low) / (high - low)), shows }
}

function between([from, to]: readonly [number, number], share: number): number {
  return from + (to - from) * Math.min(1, Math.max(0, share))
}

/** The least of 1, 2 and 5 times a power of ten that is no less. */
function roundStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least))
  return power * ([1, 2, 5].find((factor) => factor * power >= least) ?? 10)
}
