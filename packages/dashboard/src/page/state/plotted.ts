/** A chart's numbers: as they are, for the legend and the table, and as they are drawn, stacked. */
import type { Breaker } from '../wire.ts'
import type { Columns } from './columns.ts'
import type { Layer, Plot } from './plots.ts'
import { timesOf, valuesOf, type Window } from './window.ts'
import { breakerOfNumber } from './words.ts'

export type Values = (number | null)[]

export interface Plotted {
  readonly plot: Plot
  readonly times: readonly number[]
  /** One for each layer of the plot, in its order. */
  readonly values: readonly Values[]
  /** The same, areas on top of each other; what nobody knows stays open. */
  readonly drawn: readonly Values[]
  readonly breaker: readonly (Breaker | null)[]
  /** Layers worth naming: those that are something somewhere, and those that always are. */
  readonly named: readonly number[]
}

export function plotted(plot: Plot, columns: Columns | undefined, window: Window): Plotted {
  const values = plot.layers.map(({ series }) => valuesOf(columns, series, window))
  for (const [index, { partOf }] of plot.layers.entries()) {
    const whole = plot.layers.findIndex(({ series }) => series === partOf)
    if (whole >= 0) values[whole] = less(values[whole]!, values[index]!)
  }
  const states = plot.strip ? valuesOf(columns, 'breaker', window).map(breakerOfNumber) : []
  return {
    plot,
    times: timesOf(window),
    values,
    drawn: stacked(plot.layers, values),
    breaker: states,
    named: plot.layers.flatMap(({ always }, index) =>
      always || values[index]!.some((value) => value !== null && value > 0) ? [index] : [],
    ),
  }
}

function less(whole: Values, part: Values): Values {
  return whole.map((value, row) => (value === null ? null : Math.max(0, value - (part[row] ?? 0))))
}

function stacked(layers: readonly Layer[], values: readonly Values[]): Values[] {
  const below: number[] = []
  return layers.map(({ shape }, index) => {
    const own = values[index]!
    if (shape !== 'area') return own
    return own.map((value, row) => {
      const base = below[row] ?? 0
      if (value === null) return base === 0 ? null : base
      return (below[row] = base + value)
    })
  })
}

/** The last row in which anything is known; -1 where none is. */
export function lastKnown({ values, breaker, times }: Plotted): number {
  for (let row = times.length - 1; row >= 0; row--) {
    if (breaker[row] != null || values.some((column) => column[row] != null)) return row
  }
  return -1
}
