/** A terminal that a test reads: what was written, and keys that the test presses. */
import { PassThrough } from 'node:stream'
import type { Surroundings, TextEnd } from '../../src/terminal/surroundings.ts'

export interface TestEnd extends TextEnd {
  readonly text: string
  columns: number
  rows: number
  /** Changes the size, and tells whoever listens. */
  resize(columns: number, rows: number): void
}

export interface TestSurroundings extends Surroundings {
  readonly stdout: TestEnd
  readonly stderr: TestEnd
  readonly stdin: PassThrough & { isTTY?: boolean; isRaw: boolean; setRawMode(on: boolean): void }
  /** As Ctrl-C does where the terminal is not raw. */
  interrupt(): void
  /** What would be done if the process ended now. */
  readonly restores: ReadonlySet<() => void>
}

export interface TestTerminalOptions {
  readonly env?: Readonly<Record<string, string | undefined>>
  /** Whether all three are a terminal; a pipe by default. */
  readonly tty?: boolean
  readonly columns?: number
  readonly rows?: number
}

export function testSurroundings(options: TestTerminalOptions = {}): TestSurroundings {
  const { env = {}, tty = false, columns = 100, rows = 30 } = options
  const controller = new AbortController()
  const restores = new Set<() => void>()
  const stdin = Object.assign(new PassThrough(), {
    isRaw: false,
    ...(tty && { isTTY: true }),
    setRawMode(on: boolean) {
      stdin.isRaw = on
    },
  })
  return {
    stdout: testEnd(tty, columns, rows),
    stderr: testEnd(tty, columns, rows),
    stdin,
    env,
    signal: controller.signal,
    interrupt: () => controller.abort('SIGINT'),
    restores,
    suspend: (back) => back(),
    onExit: (restore) => {
      restores.add(restore)
      return () => restores.delete(restore)
    },
  }
}

function testEnd(isTTY: boolean, columns: number, rows: number): TestEnd {
  const listeners = new Set<() => void>()
  const end = {
    text: '',
    isTTY,
    columns,
    rows,
    ...(isTTY && { getColorDepth: () => 8 }), // a pipe has none
    write(text: string) {
      end.text += text
      return true
    },
    on: (event: string, listener: () => void) => event === 'resize' && listeners.add(listener),
    off: (_: string, listener: () => void) => listeners.delete(listener),
    resize(columns: number, rows: number) {
      end.columns = columns
      end.rows = rows
      for (const listener of listeners) listener()
    },
  }
  return end
}
