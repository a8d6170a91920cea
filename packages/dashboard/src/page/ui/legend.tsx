import type { JSX } from 'preact'
import { useCells } from '../cell.ts'
import { strokes, TILE } from '../draw/patterns.ts'
import { formats } from '../draw/options.ts'
import { clock } from '../state/format.ts'
import { lastKnown, type Plotted } from '../state/plotted.ts'
import type { Layer } from '../state/plots.ts'
import { breakerText } from '../state/words.ts'
import { cursor } from '../store.ts'
import { BreakerMark } from './marks.tsx'

/** What the layers are, and their numbers where the cursor is, or now. */
export function Legend({ data }: { data: Plotted }): JSX.Element {
  useCells(cursor)
  const { plot, values, named, breaker, times } = data
  const last = lastKnown(data)
  const row = cursor.value ?? last
  const state = breaker[row]
  const at = times[row]
  return (
    <ul class="legend">
      <li class="at">
        {row === last && last >= times.length - 2 ? 'now' : at === undefined ? '' : clock(at * 1_000)}
      </li>
      {named.map((index) => {
        const layer = plot.layers[index]!
        return (
          <li key={layer.series}>
            <Swatch layer={layer} /> {layer.label} <b>{formats[layer.unit](values[index]![row])}</b>
          </li>
        )
      })}
      {state != null && (
        <li>
          <BreakerMark state={state} /> breaker <b>{breakerText[state]}</b>
        </li>
      )}
    </ul>
  )
}

/** The same filling as in the chart, or the same line. */
function Swatch({ layer: { shape, pattern, colour } }: { layer: Layer }): JSX.Element {
  const isLine = shape === 'line' || shape === 'steps' || shape === 'dashes'
  return (
    <svg class={`swatch colour-${colour}`} viewBox="0 0 16 12" width="16" height="12" aria-hidden="true">
      {isLine ? (
        <path class={`line ${shape}`} d="M0 6H16" />
      ) : (
        <>
          <rect class={`ground ${pattern}`} width="16" height="12" />
          {strokes[pattern] !== '' && <path class="strokes" d={strokes[pattern]} />}
          {strokes[pattern] !== '' && (
            <path class="strokes" d={strokes[pattern]} transform={`translate(${TILE} 0)`} />
          )}
        </>
      )}
    </svg>
  )
}
