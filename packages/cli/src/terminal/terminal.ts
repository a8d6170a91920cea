/** Where text goes: results to standard output, everything else to standard error. Colour where it is wanted. */
import { styleText } from 'node:util'
import type { Surroundings, TextEnd } from './surroundings.ts'

type Format = Parameters<typeof styleText>[0]

/** Colours a text, or leaves it as it is: NO_COLOR, FORCE_COLOR, a pipe and a dumb terminal are heeded. */
export type Paint = (format: Format, text: string) => string

export interface Terminal {
  readonly surroundings: Surroundings
  /** Aborts when the user wants the command to end. */
  readonly signal: AbortSignal
  /** `--json`: the result is for a program. */
  readonly json: boolean
  /** `--quiet`: nothing for whoever watches, errors excepted. */
  readonly quiet: boolean
  /** A line of the result. */
  readonly out: (line?: string) => void
  /** The whole result for a program, indented. */
  readonly outJson: (value: unknown) => void
  /** One value a line, for a program that reads as it comes. */
  readonly outJsonLine: (value: unknown) => void
  /** A line for whoever watches: progress, remarks. */
  readonly note: (line?: string) => void
  /** A line for whoever watches that takes the place of the one before; on a terminal only. */
  readonly redraw: (line: string) => void
  /** Takes the redrawn line away. */
  readonly clear: () => void
  /** A line that `--quiet` does not hold back. */
  readonly complain: (line: string) => void
  readonly paintOut: Paint
  readonly paintErr: Paint
  /** Whether a redrawn line is seen: standard error is a terminal that can, this is not CI, and not `--quiet`. */
  readonly live: boolean
  /** Columns of standard output; 80 when it is no terminal. */
  readonly width: number
}

export interface TerminalOptions {
  readonly json?: boolean
  readonly quiet?: boolean
}

export function openTerminal(surroundings: Surroundings, options: TerminalOptions = {}): Terminal {
  const { stdout, stderr, env, signal } = surroundings
  const { json = false, quiet = false } = options
  const progress = progressLine(stderr)
  const out = (line = ''): void => {
    progress.clear()
    stdout.write(`${line}\n`)
  }
  const complain = (line: string): void => {
    progress.clear()
    stderr.write(`${line}\n`)
  }
  const live = !quiet && isLive(stderr, env)
  return {
    surroundings,
    signal,
    json,
    quiet,
    out,
    outJson: (value) => out(JSON.stringify(value, null, 2)),
    outJsonLine: (value) => out(JSON.stringify(value)),
    note: (line = '') => {
      if (!quiet) complain(line)
    },
    redraw: (line) => {
      if (live) progress.draw(line)
    },
    clear: progress.clear,
    complain,
    paintOut: painter(stdout, env),
    paintErr: painter(stderr, env),
    live,
    get width() {
      return widthOf(stdout)
    },
  }
}

/** Whether anything may move on this end: a terminal that can, and nobody's log file. */
export function isLive(end: TextEnd, env: Surroundings['env']): boolean {
  return end.isTTY === true && env['TERM'] !== 'dumb' && (env['CI'] ?? '') === ''
}

/** Whether colour is wanted on this end. FORCE_COLOR colours a pipe too; NO_COLOR and FORCE_COLOR=0 colour nothing. */
export function isColoured(end: TextEnd, env: Surroundings['env']): boolean {
  const forced = env['FORCE_COLOR']
  if (forced !== undefined) return !['0', 'false'].includes(forced)
  if ((env['NO_COLOR'] ?? '') !== '' || env['TERM'] === 'dumb') return false
  return end.isTTY === true && (end.getColorDepth?.(env) ?? 4) > 2
}

/** Columns of an end; 80 for a pipe, and for the terminals that say they have none. */
export function widthOf(end: TextEnd): number {
  return end.columns !== undefined && end.columns > 0 ? end.columns : 80
}

export function painter(end: TextEnd, env: Surroundings['env']): Paint {
  if (!isColoured(end, env)) return (_, text) => text
  return (format, text) => (text === '' ? '' : styleText(format, text, { validateStream: false }))
}

interface ProgressLine {
  readonly draw: (line: string) => void
  readonly clear: () => void
}

function progressLine(end: TextEnd): ProgressLine {
  let drawn = false
  return {
    draw: (line) => {
      end.write(`\r\x1b[2K${line}`)
      drawn = true
    },
    clear: () => {
      if (drawn) end.write('\r\x1b[2K')
      drawn = false
    },
  }
}
