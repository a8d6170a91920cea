import type { ConfigProblem } from '../errors.ts'
import { namesOf, optionProblems } from '../known-options.ts'
import type { SizingOptions } from './sizing.ts'

/** How the number of an origin's connections follows what it needs. */
export interface AdaptiveOptions {
  /** The least connections to an origin that was used within the window. Default 0. */
  readonly floor?: number
  /** Connections wanted for each one that was needed at the peak; 1.25 is a quarter more, rounded up. Default 1.25. */
  readonly headroom?: number
  /** How long a peak is remembered, in ms. Default 60 s. */
  readonly window?: number
}

const names = namesOf<AdaptiveOptions>({ floor: true, headroom: true, window: true })

const rules: readonly { name: keyof AdaptiveOptions; allowed: string; holds: (value: number) => boolean }[] =
  [
    {
      name: 'floor',
      allowed: 'a whole number from 0',
      holds: (value) => Number.isInteger(value) && value >= 0,
    },
    { name: 'headroom', allowed: 'a number from 1', holds: (value) => value >= 1 && value < Infinity },
    { name: 'window', allowed: 'milliseconds from 100', holds: (value) => value >= 100 && value < Infinity },
  ]

export function sizingProblems(adaptive: unknown): ConfigProblem[] {
  if (adaptive === undefined || typeof adaptive === 'boolean') return []
  const given = adaptive as Readonly<Record<string, unknown>>
  const problems = [...optionProblems(adaptive, names, 'adaptive')]
  if (problems.length > 0) return problems
  return rules.flatMap(({ name, allowed, holds }) => {
    const value = given[name]
    if (value === undefined || (typeof value === 'number' && holds(value))) return []
    const received = JSON.stringify(value) ?? `a ${typeof value}`
    return [{ variable: `adaptive.${name}`, received, expected: allowed }]
  })
}

/** With the defaults filled in; null when the number of connections is not to follow the need. */
export function resolveSizing(adaptive: boolean | AdaptiveOptions | undefined): SizingOptions | null {
  if (adaptive === undefined || adaptive === false) return null
  const { floor = 0, headroom = 1.25, window = 60_000 } = adaptive === true ? {} : adaptive
  return { floor, headroom, window }
}
