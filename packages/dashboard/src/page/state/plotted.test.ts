import { expect, test } from 'vitest'
import { Columns } from './columns.ts'
import { lastKnown, plotted } from './plotted.ts'
import { plotOf, plots } from './plots.ts'
import type { Window } from './window.ts'

const window: Window = { from: 100, to: 103, step: 1, rows: 3 }

function columnsOf(series: Record<string, (number | null)[]>): Columns {
  const columns = new Columns()
  columns.append({ version: 1, client: 'a', from: 100, seconds: 3, series })
  return columns
}

test('areas stand on each other and are told as they are', () => {
  const columns = columnsOf({ inUse: [1, 2, 3], idle: [4, 4, null], dialing: [0, 1, 0], limit: [20, 20, 20] })
  const { values, drawn } = plotted(plotOf('connections'), columns, window)
  expect(values.slice(0, 3)).toEqual([[1, 2, 3], [4, 4, null], [0, 1, 0]]) // prettier-ignore
  expect(drawn.slice(0, 3)).toEqual([[1, 2, 3], [5, 6, 3], [5, 7, 3]]) // prettier-ignore
  expect(drawn[3]).toEqual([20, 20, 20])
})

test('a dial is part of the time in line, and is not drawn twice', () => {
  const columns = columnsOf({ queued: [10, 10, null], connect: [8, 0, null], headers: [5, 5, null] })
  const { values, plot } = plotted(plotOf('latency'), columns, window)
  const of = (series: string): (number | null)[] =>
    values[plot.layers.findIndex((layer) => layer.series === series)]!
  expect(of('queued')).toEqual([2, 10, null])
  expect(of('connect')).toEqual([8, 0, null])
})

test('what nobody knows stays open, and the last row is the last that is known', () => {
  const data = plotted(plotOf('waiting'), columnsOf({ waiting: [0, 2, null] }), window)
  expect(data.drawn[0]).toEqual([0, 2, null])
  expect(lastKnown(data)).toBe(1)
  expect(lastKnown(plotted(plotOf('waiting'), undefined, window))).toBe(-1)
})

test('layers that are nothing all the time are not named, but for those that always are', () => {
  const { named, plot } = plotted(
    plotOf('outcomes'),
    columnsOf({ ok: [0, 0, 0], timeout: [0, 1, 0] }),
    window,
  )
  expect(named.map((index) => plot.layers[index]!.series)).toEqual(['ok', 'timeout', 'retries'])
})

test('the breaker is drawn under latency alone', () => {
  const columns = columnsOf({ breaker: [0, 1, 2] })
  expect(plotted(plotOf('latency'), columns, window).breaker).toEqual(['closed', 'half-open', 'open'])
  expect(plotted(plotOf('waiting'), columns, window).breaker).toEqual([])
})

test('no two areas of a chart look alike without their colours', () => {
  for (const { layers } of plots) {
    const looks = layers.filter(({ shape }) => shape === 'area').map(({ pattern }) => pattern)
    expect(new Set(looks).size).toBeGreaterThanOrEqual(looks.length - 1)
  }
})
