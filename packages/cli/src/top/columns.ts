/** The columns of the table, and which of them a terminal has room for. */
import { duration, factor, rate, share, type Row } from '@keepwarm/dashboard/state'
import { cells, fitted } from '../terminal/cells.ts'
import type { Paint } from '../terminal/terminal.ts'
import { callSpark, slotBar } from './bars.ts'
import type { SortName } from './sorts.ts'

export interface TableColumn {
  readonly title: string
  readonly width: number
  readonly side: 'left' | 'right'
  /** The less, the sooner it gives way on a narrow terminal. */
  readonly weight: number
  /** The order that is by this column. */
  readonly sort?: SortName
  /** So wide as the column, colours aside. */
  readonly cell: (row: Row, paint: Paint) => string
}

export const GAP = 2
/** The sign of the level and that of the choice stand before the first column. */
const MARGIN = 4
const NAME = { least: 10, most: 28 }
const STATE = { least: 8, most: 18 }

const slots = 10

/** All but the state, whose width is that of what stands in it. */
const tableColumns: readonly TableColumn[] = [
  text('BREAKER', 9, 50, ({ breaker, forced }) => `${breaker}${forced ? '!' : ''}`, {
    mark: ({ breaker }) => (breaker === 'open' ? 'red' : breaker === 'half-open' ? 'yellow' : undefined),
  }),
  {
    title: 'CONNECTIONS',
    width: slots + 8,
    side: 'left',
    weight: 80,
    cell: ({ places }, paint) =>
      `${slotBar(places, slots, paint)} ${fitted(`${places.used}/${places.limit ?? '∞'}`, 7)}`,
  },
  text('WAITING', 12, 85, ({ places }) => waitingText(places.waiting, places.oldestWait), {
    sort: 'waiting',
    side: 'right',
    mark: ({ places }) => (places.oldestWait >= 1_000 ? 'red' : places.waiting > 0 ? 'yellow' : undefined),
  }),
  text('CALLS/S', 7, 95, ({ figures }) => rate(figures.rate), { sort: 'rate', side: 'right' }),
  text('OK', 6, 94, ({ figures }) => share(figures.effective), {
    sort: 'success',
    side: 'right',
    mark: ({ figures }) => shareMark(figures.effective),
  }),
  text('SERVER', 6, 40, ({ figures }) => share(figures.actual), {
    side: 'right',
    mark: ({ figures }) => shareMark(figures.actual),
  }),
  text('TRIES', 5, 60, ({ figures }) => factor(figures.multiplier), {
    side: 'right',
    mark: ({ figures }) => ((figures.multiplier ?? 1) >= 1.2 ? 'yellow' : undefined),
  }),
  text('P50', 7, 70, ({ figures }) => duration(figures.p50), { side: 'right' }),
  text('P99', 7, 92, ({ figures }) => duration(figures.p99), { sort: 'latency', side: 'right' }),
  {
    title: '2 MIN',
    width: 30,
    side: 'left',
    weight: 30,
    cell: ({ spark }, paint) => callSpark(spark, 30, paint),
  },
]

type Format = Parameters<Paint>[0]

interface TextOptions {
  readonly side?: 'left' | 'right'
  readonly sort?: SortName
  readonly mark?: (row: Row) => Format | undefined
}

function text(
  title: string,
  width: number,
  weight: number,
  of: (row: Row) => string,
  { side = 'left', sort, mark }: TextOptions = {},
): TableColumn {
  const cell = (row: Row, paint: Paint): string => {
    const format = mark?.(row)
    const fit = fitted(of(row), width, side)
    return format === undefined ? fit : paint(format, fit)
  }
  return { title, width, side, weight, cell, ...(sort !== undefined && { sort }) }
}

function waitingText(waiting: number, oldest: number): string {
  return waiting === 0 ? '–' : `${waiting}, ${duration(oldest)}`
}

/** As the dashboard's page marks it. */
function shareMark(value: number | null): Format | undefined {
  if (value === null || value >= 0.99) return undefined
  return value < 0.9 ? 'red' : 'yellow'
}

export interface Layout {
  readonly name: number
  readonly columns: readonly TableColumn[]
}

/** As many columns as there is room for beside the name, the weightiest first. */
export function layoutFor(width: number, rows: readonly Row[]): Layout {
  const name = widest(
    rows.map((row) => row.name),
    NAME,
  )
  const state = widest(
    rows.map((row) => row.state),
    STATE,
  )
  const all = [stateColumn(state), ...tableColumns]
  let room = width - MARGIN - name
  const chosen = new Set<TableColumn>()
  for (const column of all.toSorted((a, b) => b.weight - a.weight)) {
    const takes = column.width + GAP
    if (takes > room) continue
    room -= takes
    chosen.add(column)
  }
  return { name, columns: all.filter((column) => chosen.has(column)) }
}

function widest(texts: readonly string[], { least, most }: { least: number; most: number }): number {
  return Math.min(most, Math.max(least, ...texts.map(cells)))
}

function stateColumn(width: number): TableColumn {
  return text('STATE', width, 90, ({ state }) => state, { sort: 'state' })
}
