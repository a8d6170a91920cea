import type { JSX } from 'preact'
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks'
import uPlot from 'uplot'
import { dataOf, HEIGHT, optionsOf } from '../draw/options.ts'
import { paletteOf } from '../draw/palette.ts'
import { lastKnown, type Plotted } from '../state/plotted.ts'
import { cursor } from '../store.ts'
import { paint } from './theme.ts'

/** A chart on canvas. It is made anew when its size or the colours change, and else only given its new numbers. */
export function Chart({ data }: { data: Plotted }): JSX.Element {
  const box = useRef<HTMLDivElement>(null)
  const chart = useRef<uPlot | undefined>(undefined)
  const current = useRef(data)
  current.current = data
  const painted = paint.value

  useLayoutEffect(() => {
    const element = box.current!
    const draw = (): void => {
      chart.current?.destroy()
      const width = Math.max(200, element.clientWidth)
      const options = optionsOf({
        plot: current.current.plot,
        width,
        palette: paletteOf(element),
        current: () => current.current,
        moved: (row) => (cursor.value = row),
      })
      chart.current = new uPlot(options, dataOf(current.current), element)
    }
    draw()
    const watcher = new ResizeObserver(() => {
      if (Math.abs((chart.current?.width ?? 0) - element.clientWidth) > 1) draw()
    })
    watcher.observe(element)
    return () => {
      watcher.disconnect()
      chart.current?.destroy()
      chart.current = undefined
    }
  }, [painted, data.plot])

  useEffect(() => chart.current?.setData(dataOf(data)), [data])

  return (
    <div
      ref={box}
      class="canvas"
      tabIndex={0}
      role="img"
      aria-label={`${data.plot.about}. Arrow keys move through time; the numbers are in the legend and in the table.`}
      style={{ minHeight: HEIGHT }}
      onKeyDown={(event) => step(event, chart.current, current.current)}
      onBlur={() => point(chart.current, { left: -10, top: -10 })}
    />
  )
}

/** Left and right move the cursor of all charts by a row, with shift by ten. */
function step(event: KeyboardEvent, chart: uPlot | undefined, data: Plotted): void {
  const direction = { ArrowLeft: -1, ArrowRight: 1 }[event.key]
  if (direction === undefined || chart === undefined) return
  event.preventDefault()
  const from = cursor.value ?? lastKnown(data) + (direction > 0 ? -1 : 1)
  const row = Math.min(data.times.length - 1, Math.max(0, from + direction * (event.shiftKey ? 10 : 1)))
  point(chart, { left: chart.valToPos(data.times[row]!, 'x'), top: 10 })
}

/** The third argument tells the other charts; the types of uPlot do not know it. */
function point(chart: uPlot | undefined, to: { left: number; top: number }): void {
  const move = chart?.setCursor.bind(chart) as ((...args: unknown[]) => void) | undefined
  move?.(to, true, true)
}
