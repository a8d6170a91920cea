/** The breaker's states along the foot of a chart: the worse, the taller; half-open is hatched, too. */
import type uPlot from 'uplot'
import type { Plotted } from '../state/plotted.ts'
import type { Breaker } from '../wire.ts'
import type { Palette } from './palette.ts'
import { fillOf } from './patterns.ts'

const tall: Readonly<Record<Breaker, number>> = { closed: 2, 'half-open': 5, open: 9 }

export function drawStrip(chart: uPlot, { times, breaker }: Plotted, { colour, paper }: Palette): void {
  const { ctx, bbox } = chart
  const ratio = devicePixelRatio
  const step = (times[1] ?? 0) - (times[0] ?? 0)
  const fills = {
    closed: colour('ok'),
    'half-open': fillOf(ctx, 'up', colour('warn'), paper, ratio),
    open: colour('bad'),
  }
  ctx.save()
  for (const [row, state] of breaker.entries()) {
    if (state === null) continue
    const from = chart.valToPos(times[row]!, 'x', true)
    const to = Math.min(bbox.left + bbox.width, chart.valToPos(times[row]! + step, 'x', true))
    const height = tall[state] * ratio
    ctx.fillStyle = fills[state]
    // Half a pixel more, so that neighbours leave no seam.
    ctx.fillRect(from, bbox.top + bbox.height - height, to - from + 0.5, height)
  }
  ctx.restore()
}
