import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { formats } from '../draw/options.ts'
import { clock } from '../state/format.ts'
import { lastKnown, type Plotted } from '../state/plotted.ts'
import { breakerText } from '../state/words.ts'

const FIRST = 60

/** The numbers of a chart, newest first. */
export function DataTable({ data }: { data: Plotted }): JSX.Element {
  const [all, setAll] = useState(false)
  const { plot, times, values, breaker, named } = data
  const last = lastKnown(data)
  const rows = Array.from({ length: last + 1 }, (_, back) => last - back).slice(0, all ? undefined : FIRST)
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label={`${plot.title}, as a table`}>
      <table class="data">
        <caption class="unseen">{plot.about}</caption>
        <thead>
          <tr>
            <th scope="col">time</th>
            {named.map((index) => (
              <th key={index} scope="col">
                {plot.layers[index]!.label}
              </th>
            ))}
            {plot.strip && <th scope="col">breaker</th>}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={times[row]!}>
              <th scope="row">{clock(times[row]! * 1_000)}</th>
              {named.map((index) => (
                <td key={index}>{formats[plot.layers[index]!.unit](values[index]![row])}</td>
              ))}
              {plot.strip && <td>{breaker[row] == null ? '' : breakerText[breaker[row]]}</td>}
            </tr>
          ))}
        </tbody>
      </table>
      {!all && last + 1 > FIRST && (
        <button type="button" onClick={() => setAll(true)}>
          Show all {last + 1} rows
        </button>
      )}
    </div>
  )
}
