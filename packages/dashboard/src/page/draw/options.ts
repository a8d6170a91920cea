/** A plot as uPlot wants it. */
import uPlot from 'uplot'
import { clock, count, duration, rate } from '../state/format.ts'
import type { Layer, Plot, Unit } from '../state/plots.ts'
import type { Plotted } from '../state/plotted.ts'
import type { Palette } from './palette.ts'
import { fillOf } from './patterns.ts'
import { drawStrip } from './strip.ts'

export const HEIGHT = 170
/** All charts move their cursors together. */
const SYNC = 'keepwarm'

export const formats: Readonly<Record<Unit, (value: number | null | undefined) => string>> = {
  count,
  rate,
  duration,
}

/** Areas from the top of the stack down, so that lower ones lie over higher ones; lines above all of them. */
export function drawingOrder({ layers }: Plot): number[] {
  const indexes = layers.map((_, index) => index)
  const isArea = (index: number): boolean => layers[index]!.shape === 'area'
  return [...indexes.filter(isArea).reverse(), ...indexes.filter((index) => !isArea(index))]
}

export function dataOf({ plot, times, drawn }: Plotted): uPlot.AlignedData {
  return [times as number[], ...drawingOrder(plot).map((index) => drawn[index]!)]
}

interface Wanted {
  readonly plot: Plot
  readonly width: number
  readonly palette: Palette
  readonly current: () => Plotted
  readonly moved: (row: number | null) => void
}

export function optionsOf({ plot, width, palette, current, moved }: Wanted): uPlot.Options {
  const order = drawingOrder(plot)
  return {
    width,
    height: HEIGHT,
    legend: { show: false },
    padding: [8, rightOf(plot), 0, 0],
    cursor: {
      sync: { key: SYNC },
      drag: { x: false, y: false },
      points: { show: false },
      y: false,
    },
    scales: {
      x: { time: false, range: () => bounds(current()) },
      left: fromZero(plot, 'left'),
      right: fromZero(plot, 'right'),
    },
    series: [{}, ...order.map((index) => seriesOf(plot.layers[index]!, palette))],
    axes: [timeAxis(palette), ...valueAxes(plot, palette)],
    hooks: {
      setCursor: [({ cursor }) => moved(cursor.idx ?? null)],
      draw: plot.strip ? [(chart) => drawStrip(chart, current(), palette)] : [],
    },
  }
}

/** The chart below the one with two axes ends where that one does, so that equal times stand below each other. */
function rightOf({ id }: Plot): number {
  return { connections: 26, latency: 26, waiting: 0, outcomes: AXIS }[id]
}

function bounds({ times }: Plotted): [number, number] {
  return [times[0] ?? 0, times.at(-1) ?? 1]
}

/** What an axis reaches to where everything is nothing: half a call is no mark. */
const atLeast: Readonly<Record<Unit, number>> = { count: 5, rate: 5, duration: 1_000 }

function fromZero({ layers }: Plot, axis: Layer['axis']): uPlot.Scale {
  const unit = layers.find((layer) => layer.axis === axis)?.unit ?? 'count'
  return { range: (_, __, highest) => [0, highest > 0 ? highest * 1.08 : atLeast[unit]] }
}

function seriesOf({ shape, colour, pattern, axis, unit }: Layer, palette: Palette): uPlot.Series {
  const stroke = palette.colour(colour)
  const fill: uPlot.Series.Fill = (chart) =>
    fillOf(chart.ctx, pattern, stroke, palette.paper, devicePixelRatio)
  // A number of things stays what it is until the next second; a time is one moment's.
  const paths = unit === 'duration' ? uPlot.paths.linear!() : uPlot.paths.stepped!({ align: 1 })
  const base: uPlot.Series = { scale: axis, stroke, width: 1.5, points: { show: false }, paths }
  if (shape === 'area') return { ...base, width: 1, fill }
  if (shape === 'alarm') return { ...base, width: 2, fill }
  if (shape === 'steps') return { ...base, dash: [8, 4] }
  return shape === 'dashes' ? { ...base, dash: [3, 3], width: 2 } : base
}

function timeAxis({ faint, grid }: Palette): uPlot.Axis {
  return {
    stroke: faint,
    font: FONT,
    grid: { stroke: grid, width: 1 },
    ticks: { show: false },
    size: 26,
    space: 70,
    incrs: [1, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800],
    values: (_, splits) => splits.map((second) => clock(second * 1_000).replace(/:00$/, '')),
  }
}

/** The width of a scale of values. */
const AXIS = 52
const FONT = '11px system-ui, sans-serif'

function valueAxes({ layers }: Plot, { faint, grid }: Palette): uPlot.Axis[] {
  return (['left', 'right'] as const).flatMap((axis): uPlot.Axis[] => {
    const layer = layers.find((candidate) => candidate.axis === axis)
    if (layer === undefined) return []
    return [
      {
        scale: axis,
        side: axis === 'left' ? 3 : 1,
        stroke: faint,
        font: FONT,
        grid: { show: axis === 'left', stroke: grid, width: 1 },
        ticks: { show: false },
        size: AXIS,
        space: 34,
        values: (_, splits) => splits.map((value) => tick(layer.unit, value, splits)),
      },
    ]
  })
}

/** Halves of a connection are not marked. */
function tick(unit: Unit, value: number, splits: readonly number[]): string {
  if (unit !== 'duration') return unit === 'count' && !Number.isInteger(value) ? '' : count(value)
  const highest = splits.at(-1) ?? value
  return highest >= 10_000 ? `${Math.round(value / 1_000)} s` : duration(value)
}
