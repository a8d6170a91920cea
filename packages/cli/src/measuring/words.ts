/** Numbers and findings in words. */
import { undecided, type Estimate } from './statistics.ts'

/** Three significant figures, and never an exponent: 0.123, 4.56, 78.9, 1,234. */
export function figure(value: number): string {
  if (!Number.isFinite(value)) return '–'
  const decimals = value === 0 ? 0 : Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))))
  return value.toLocaleString('en-US', {
    minimumFractionDigits: Math.min(decimals, 3),
    maximumFractionDigits: Math.min(decimals, 3),
  })
}

/** `12.3 (11.9–12.8)` */
export function interval({ median, lower, upper }: Estimate): string {
  return `${figure(median)} (${figure(lower)}–${figure(upper)})`
}

/** `3.10× (2.90–3.30)`, or that there is nothing to see. */
export function times(ratio: Estimate): string {
  if (undecided(ratio)) return `no measurable difference (${figure(ratio.lower)}–${figure(ratio.upper)})`
  return `${figure(ratio.median)}× (${figure(ratio.lower)}–${figure(ratio.upper)})`
}

/** How much faster than the other one something is, as a sentence's middle. */
export function speed(ratio: Estimate, other: string): string {
  if (undecided(ratio)) {
    return `shows no measurable difference to ${other} (95 % CI ${figure(ratio.lower)}–${figure(ratio.upper)} of its speed)`
  }
  const slower = ratio.median < 1
  const [lower, upper] = slower ? [1 / ratio.upper, 1 / ratio.lower] : [ratio.lower, ratio.upper]
  const factor = slower ? 1 / ratio.median : ratio.median
  return `is ${figure(factor)}× ${slower ? 'slower' : 'faster'} than ${other} (95 % CI ${figure(lower)}–${figure(upper)})`
}

/** How many samples stand behind an interval; a median of fewer than six has none of 95 %. */
export function medians(samples: number, ofWhat: string): string {
  const caveat = samples < 6 ? ' (too few for 95 %: the intervals are ranges)' : ''
  return `Medians of ${ofWhat} with their 95 % confidence intervals${caveat}`
}

export function count(number: number, noun: string, plural = `${noun}s`): string {
  return `${number.toLocaleString('en-US')} ${number === 1 ? noun : plural}`
}

/** What something costs beside another, as a sentence's middle; a ratio above 1 is dearer. */
export function cost(ratio: Estimate, other: string): string {
  const bounds = `95 % CI ${figure(ratio.lower)}–${figure(ratio.upper)}`
  if (undecided(ratio)) return `shows no measurable difference in CPU time to ${other} (${bounds})`
  return `costs ${figure(ratio.median)}× the CPU time of ${other} (${bounds})`
}

/** From the least to the greatest. */
export function range(values: readonly number[]): string {
  const [least, most] = [Math.min(...values), Math.max(...values)]
  return least === most ? figure(least) : `${figure(least)}–${figure(most)}`
}
