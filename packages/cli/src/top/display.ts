/** A terminal that is taken over and given back, whatever ends the command. */
import { StringDecoder } from 'node:string_decoder'
import type { Surroundings } from '../terminal/surroundings.ts'
import type { Size } from './draw.ts'
import { keysIn, type Key } from './keys.ts'

const enter = '\x1b[?1049h\x1b[?25l\x1b[?7l'
const leave = '\x1b[?7h\x1b[?25h\x1b[?1049l'
/** What lies between is shown at once, by terminals that know it. */
const begin = '\x1b[?2026h\x1b[H'
const end = '\x1b[?2026l'

/** A size that a terminal is not believed. */
const SMALLEST = { columns: 20, rows: 5 }

export interface DisplayEvents {
  readonly key: (key: Key) => void
  readonly resized: () => void
}

export class Display implements Disposable {
  private readonly around: Surroundings
  private readonly events: DisplayEvents
  private readonly decoder = new StringDecoder('utf8')
  private readonly forget: () => void
  private shown = ''
  private isTaken = false
  /** The terminal takes no more at the moment. */
  private isFull = false

  constructor(around: Surroundings, events: DisplayEvents) {
    this.around = around
    this.events = events
    const { stdin, stdout } = around
    this.forget = around.onExit(() => this.giveBack())
    stdin.on('data', this.read)
    stdout.on('resize', this.resize)
    stdout.on('drain', this.drained)
    this.take()
  }

  get size(): Size {
    const { columns = 0, rows = 0 } = this.around.stdout
    return { columns: columns >= SMALLEST.columns ? columns : 80, rows: rows >= SMALLEST.rows ? rows : 24 }
  }

  /** Shows these lines, unless they are shown already. */
  show(lines: readonly string[]): void {
    if (!this.isTaken || this.isFull) return
    // Erased before it is written: behind the last column a terminal would erase that column.
    const text = lines.map((line) => `\x1b[K${line}`).join('\r\n')
    if (text === this.shown) return
    this.shown = text
    this.isFull = !this.around.stdout.write(`${begin}${text}${end}`)
  }

  /** Everything is drawn anew the next time. */
  forgetShown(): void {
    this.shown = ''
  }

  /** For the shell: the terminal is as it was before. */
  giveBack(): void {
    if (!this.isTaken) return
    this.isTaken = false
    this.around.stdout.write(leave)
    this.around.stdin.setRawMode?.(false)
  }

  take(): void {
    if (this.isTaken) return
    this.isTaken = true
    this.forgetShown()
    this.around.stdin.setRawMode?.(true)
    this.around.stdin.resume()
    this.around.stdout.write(enter)
  }

  [Symbol.dispose](): void {
    const { stdin, stdout } = this.around
    this.giveBack()
    this.forget()
    stdin.off('data', this.read)
    stdin.pause()
    stdout.off('resize', this.resize)
    stdout.off('drain', this.drained)
  }

  private readonly read = (bytes: Buffer | string): void => {
    const text = typeof bytes === 'string' ? bytes : this.decoder.write(bytes)
    for (const key of keysIn(text)) this.events.key(key)
  }

  private readonly resize = (): void => {
    this.forgetShown()
    this.events.resized()
  }

  private readonly drained = (): void => {
    this.isFull = false
  }
}
