/** Where text goes: results to standard output, everything else to standard error. Colour where it is wanted. */
import { styleText } from 'node:util'

type Format = Parameters<typeof styleText>[0]

/** Colours a text, or leaves it as it is. */
export type Paint = (format: Format, text: string) => string

export interface Screen {
  /** A line of the result. */
  out(line?: string): void
  /** A line for whoever watches. */
  err(line?: string): void
  /** A line that takes the place of the one before, on a terminal only. */
  redraw(line: string): void
  /** Takes the redrawn line away. */
  clear(): void
  readonly paintOut: Paint
  readonly paintErr: Paint
  /** Whether somebody watches a terminal. */
  readonly live: boolean
  readonly width: number
}

/** Colours follow NO_COLOR, FORCE_COLOR and the terminal; nothing moves in a pipe, in CI or on a dumb terminal. */
export function openScreen(): Screen {
  const { stdout, stderr } = process
  // Whoever closes the pipe early has seen enough; writing on would be an error without a reader.
  for (const stream of [stdout, stderr]) stream.on('error', ignoreBrokenPipe)
  const { TERM, CI } = process.env
  const live = stderr.isTTY && TERM !== 'dumb' && (CI ?? '') === ''
  let drawn = false
  const clear = (): void => {
    if (drawn) stderr.write('\r\x1b[2K')
    drawn = false
  }
  return {
    out: (line = '') => {
      clear()
      stdout.write(`${line}\n`)
    },
    err: (line = '') => {
      clear()
      stderr.write(`${line}\n`)
    },
    redraw: (line) => {
      stderr.write(`\r\x1b[2K${line}`)
      drawn = true
    },
    clear,
    paintOut: (format, text) => styleText(format, text, { stream: stdout }),
    paintErr: (format, text) => styleText(format, text, { stream: stderr }),
    live,
    get width() {
      // Some terminals say that they have no columns at all.
      return stderr.columns > 0 ? stderr.columns : 80
    },
  }
}

function ignoreBrokenPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error
}
