/** One line that says how far a run is, where somebody watches. */
import { count, figure } from '../measuring/words.ts'
import type { Terminal } from '../terminal/terminal.ts'
import type { BenchPlan } from './plan.ts'
import { shownBar } from '../terminal/bar.ts'
import type { Step } from './rounds.ts'

/** How often it is drawn, in ms. */
const EVERY = 200

export interface Progress extends Disposable {
  readonly step: (step: Step) => void
}

export function progressOf(plan: BenchPlan, { live, redraw, width, paintErr }: Terminal): Progress {
  const began = performance.now()
  const all = plan.arms.length * (plan.warmUp + plan.rounds * plan.round.duration)
  let now: Step | undefined
  const draw = (): void => {
    if (now === undefined) return
    const done = Math.min(1, (performance.now() - began) / all)
    const text = words(now, plan, all * (1 - done)).slice(0, Math.max(0, width - 22))
    redraw(`${shownBar(done)}  ${paintErr('dim', text)}`)
  }
  const timer = live ? setInterval(draw, EVERY).unref() : undefined
  return {
    step: (step) => {
      now = step
    },
    [Symbol.dispose]: () => clearInterval(timer),
  }
}

function words({ arm, round, past }: Step, { rounds }: BenchPlan, left: number): string {
  const last = past.at(-1)
  const so =
    last === undefined || last.answered === 0
      ? []
      : [`p50 ${figure(last.latencies.percentile(50) / 1_000)} ms`]
  const where = round === 0 ? 'warm-up' : `round ${round} of ${rounds}`
  return [arm, where, ...so, `${count(Math.ceil(left / 1_000), 'second')} left`].join(' · ')
}
