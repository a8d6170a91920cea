import type { JSX } from 'preact'
import { useMemo } from 'preact/hooks'
import { plotted, type Plotted } from '../state/plotted.ts'
import { plots, type Plot } from '../state/plots.ts'
import { shown } from '../state/screen.ts'
import { windowOf } from '../state/window.ts'
import { screen, selected, tables } from '../store.ts'
import { Chart } from './chart.tsx'
import { DataTable } from './data-table.tsx'
import { Legend } from './legend.tsx'
import { Glyph, glyphs } from './marks.tsx'

/** Four charts of one client over the same time. */
export function Charts(): JSX.Element {
  return (
    <div class="charts">
      {plots.map((plot) => (
        <Panel key={plot.id} plot={plot} />
      ))}
    </div>
  )
}

function Panel({ plot }: { plot: Plot }): JSX.Element {
  const data = useMemo(() => numbers(plot), [screen.value])
  const isTable = tables.value.has(plot.id)
  return (
    <section class="panel chart" id={`chart-${plot.id}`} aria-label={plot.title}>
      <div class="bar">
        <h3>{plot.title}</h3>
        <button
          type="button"
          class="small"
          aria-pressed={isTable}
          aria-label={`${plot.title} as a table`}
          onClick={() => toggle(plot.id)}
        >
          <Glyph path={isTable ? glyphs.chart : glyphs.table} /> {isTable ? 'Chart' : 'Table'}
        </button>
      </div>
      <Legend data={data} />
      {isTable ? <DataTable data={data} /> : <Chart data={data} />}
    </section>
  )
}

function numbers(plot: Plot): Plotted {
  const { range, columns } = screen.value
  const until = shown(screen.value)?.until ?? 0
  return plotted(plot, columns.get(selected()?.name ?? ''), windowOf(until, range))
}

function toggle(id: string): void {
  const next = new Set(tables.value)
  if (!next.delete(id)) next.add(id)
  tables.value = next
}
