/** What a command line has around it; the tests bring their own. */
import type { Readable } from 'node:stream'

/** An end for text: standard output, standard error, or what a test reads. */
export interface TextEnd {
  write(text: string): boolean
  readonly isTTY?: boolean
  readonly columns?: number
  readonly rows?: number
  /** Bits of colour, as Node's own streams tell. */
  getColorDepth?(env?: object): number
  on(event: 'resize' | 'drain', listener: () => void): unknown
  off(event: 'resize' | 'drain', listener: () => void): unknown
}

export interface Surroundings {
  readonly stdout: TextEnd
  readonly stderr: TextEnd
  readonly stdin: Readable & { readonly isTTY?: boolean; setRawMode?(on: boolean): unknown }
  readonly env: Readonly<Record<string, string | undefined>>
  /** Aborts with Ctrl-C, SIGTERM and SIGHUP, and when whoever reads standard output has gone. */
  readonly signal: AbortSignal
  /** Lets the shell have the terminal, as Ctrl-Z does; `back` is called when it brings us back. */
  suspend(back: () => void): void
  /** Called before the process ends in whichever way, until the returned function is. For what a terminal must get back. */
  onExit(restore: () => void): () => void
}
