/** How far the indexing is: one line that is redrawn on a terminal, a line now and then elsewhere. */
import type { RunCounts } from '../indexing/index-run.ts'
import type { ShownClient } from '../routes/context.ts'
import { count, counted, duration, rate, share } from './figures.ts'
import type { Screen } from './screen.ts'
import { sharesText } from './sharing.ts'

export interface Traffic {
  readonly requests: number
  readonly reused: number
  /** Connections open now, and opened so far. */
  readonly open: number
  readonly opened: number
}

/** How far it is. */
export interface Progress {
  readonly run: RunCounts
  readonly traffic: Traffic
  /** What each process has indexed, where several share the work. */
  readonly shares?: ReadonlyMap<string, number> | undefined
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

const PARTS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉']

/** @example bar(0.5, 4) // '██  ' */
export function bar(done: number, width: number): string {
  const eighths = Math.floor(Math.min(1, Math.max(0, done)) * width * 8)
  const full = '█'.repeat(Math.floor(eighths / 8)) + (PARTS[eighths % 8] ?? '')
  return full.padEnd(width)
}

/** From this width on, words are written out. */
const WIDE = 110

/** One line, as wide as it may be: how much is done, how fast, how long still, and what the connections do. */
export function progressLine(progress: Progress, width: number): string {
  const { run } = progress
  const { wanted } = run
  const ended = run.done + run.dead.length
  const facts = progressFacts(progress, width >= WIDE).join('  ')
  const room = Math.min(30, Math.max(8, width - facts.length - 4))
  const line = `▕${bar(wanted === 0 ? 0 : ended / wanted, room)}▏ ${facts}`
  return line.length < width ? line : `${line.slice(0, Math.max(0, width - 2))}…`
}

function progressFacts({ run, traffic, shares = new Map() }: Progress, wide: boolean): string[] {
  const { done, dead, wanted, retried } = run
  const ended = done + dead.length
  return [
    wanted === 0 ? 'reading' : `${count(ended)}/${count(wanted)}`,
    ...(ended === 0 ? [] : [`${rate(ended, run.duration)}/s`]),
    ...(ended === 0 ? [] : [`${duration((run.duration / ended) * (wanted - ended))} left`]),
    ...(dead.length === 0 ? [] : [`${count(dead.length)} lost`]),
    ...(retried === 0 ? [] : [counted(retried, 'retry', 'retries')]),
    // What the connections of this process do says little where others have their own.
    shares.size === 0 ? reuse(traffic, wide) : sharesText(shares),
  ]
}

function reuse({ open, reused, requests }: Traffic, wide: boolean): string {
  const part = share(reused, requests)
  return wide
    ? `${counted(open, 'connection')} open, ${part} of ${counted(requests, 'request')} reused one`
    : `${count(open)} open, ${part} of ${count(requests)} reused`
}

/** Between two lines where nothing can be redrawn, in ms. */
const LINES_APART = 10_000

/** Shows the progress until it is disposed: ten times a second on a terminal, a line every ten seconds elsewhere. */
export function showProgress(screen: Screen, look: () => Progress): Disposable {
  if (!screen.live) return writeProgress(screen, look)
  const draw = (): void => {
    screen.redraw(progressLine(look(), screen.width))
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

/** In a log a bar says nothing. */
function writeProgress(screen: Screen, look: () => Progress): Disposable {
  const timer = setInterval(() => {
    screen.err(`  ${progressFacts(look(), true).join('  ')}`)
  }, LINES_APART)
  return { [Symbol.dispose]: () => clearInterval(timer) }
}
