/** How far the indexing is: one line that is redrawn on a terminal, a line now and then elsewhere. */
import type { RunCounts } from '../indexing/index-run.ts'
import type { ShownClient } from '../routes/context.ts'
import { count, counted, duration, rate, share } from './figures.ts'
import type { Screen } from './screen.ts'

export interface Traffic {
  readonly requests: number
  readonly reused: number
  /** Connections open now, and opened so far. */
  readonly open: number
  readonly opened: number
}

/** Over all clients. */
export function traffic(clients: readonly ShownClient[]): Traffic {
  let [requests, reused, open, opened] = [0, 0, 0, 0]
  for (const client of clients) {
    const { connections, dialing, counters } = client.pool()
    requests += counters.requests
    reused += counters.reused
    open += connections - dialing
    opened += counters.opened
  }
  return { requests, reused, open, opened }
}

const BAR = 24
const PARTS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉']

/** @example bar(0.5, 4) // '██  ' */
export function bar(done: number, width: number): string {
  const eighths = Math.floor(Math.min(1, Math.max(0, done)) * width * 8)
  const full = '█'.repeat(Math.floor(eighths / 8)) + (PARTS[eighths % 8] ?? '')
  return full.padEnd(width)
}

/** One line, cut to the width: how much is done, how fast, how long still, and what the connections do. */
export function progressLine(run: RunCounts, { requests, reused, open }: Traffic, width: number): string {
  const { done, dead, wanted, retried } = run
  const ended = done + dead.length
  const speed = ended === 0 ? '' : `  ${rate(ended, run.duration)}/s`
  const left = ended === 0 ? '' : `  ${duration((run.duration / ended) * (wanted - ended))} left`
  const trouble = [
    dead.length === 0 ? '' : `  ${count(dead.length)} lost`,
    retried === 0 ? '' : `  ${counted(retried, 'retry', 'retries')}`,
  ].join('')
  const line =
    `▕${bar(wanted === 0 ? 0 : ended / wanted, BAR)}▏ ${count(ended)}/${count(wanted)}${speed}${left}${trouble}` +
    `  ${counted(open, 'connection')} open, ${share(reused, requests)} of ${count(requests)} requests reused one`
  return line.length < width ? line : `${line.slice(0, Math.max(0, width - 2))}…`
}

/** Shows the progress until it is disposed; never more often than ten times a second. */
export function showProgress(screen: Screen, look: () => { run: RunCounts; traffic: Traffic }): Disposable {
  if (!screen.live) return { [Symbol.dispose]: () => {} }
  const draw = (): void => {
    const { run, traffic } = look()
    screen.redraw(progressLine(run, traffic, screen.width))
  }
  draw()
  const timer = setInterval(draw, 100)
  return {
    [Symbol.dispose]: () => {
      clearInterval(timer)
      screen.clear()
    },
  }
}
