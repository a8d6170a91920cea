import type { JSX } from 'preact'
import type { Spark } from '../state/figures.ts'
import { rate } from '../state/format.ts'

const STEP = 4
const HEIGHT = 22

/** Two minutes of calls per second; lost ones stand at the bottom, wider than the others. */
export function Sparkline({ spark: { all, lost, highest } }: { spark: Spark }): JSX.Element {
  const width = all.length * STEP
  const top = Math.max(highest, 0.001)
  const bars = (values: readonly (number | null)[], wide: number): string =>
    values
      .map((value, bar) => {
        if (value === null || value === 0) return ''
        const tall = Math.max(1, (value / top) * (HEIGHT - 1))
        return `M${bar * STEP} ${HEIGHT}v${(-tall).toFixed(1)}h${wide}V${HEIGHT}z`
      })
      .join('')
  return (
    <svg
      class="spark"
      viewBox={`0 0 ${width} ${HEIGHT}`}
      width={width}
      height={HEIGHT}
      role="img"
      aria-label={`last two minutes: up to ${rate(highest)} calls per second${lost.some((value) => value) ? ', some of them lost' : ''}`}
    >
      <path class="axis" d={`M0 ${HEIGHT - 0.5}H${width}`} />
      <path class="all" d={bars(all, 2.5)} />
      <path class="lost" d={bars(lost, 4)} />
    </svg>
  )
}
