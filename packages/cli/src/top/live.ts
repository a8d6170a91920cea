/** The live view: what comes in, the keys and the time make a model, and the model a screen. */
import { once } from 'node:events'
import { exitCodes, type ExitCode } from '../exit-codes.ts'
import type { Service } from '../service/service.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { Display } from './display.ts'
import { drawScreen } from './draw.ts'
import { Feed } from './feed.ts'
import type { Key } from './keys.ts'
import { firstModel, pressed, withMessage, type Choice, type Model } from './model.ts'

/** So often the age of what is shown is looked at, in ms. */
const BEAT = 500

/** Runs until somebody quits. */
export async function watchLive(service: Service, choice: Choice, terminal: Terminal): Promise<ExitCode> {
  const view = new LiveView(service, choice, terminal)
  return await view.run()
}

class LiveView {
  private readonly terminal: Terminal
  private readonly feed: Feed
  private readonly quit = new AbortController()
  private readonly now = (): number => performance.now()
  private model: Model
  private display: Display | undefined

  constructor(service: Service, choice: Choice, terminal: Terminal) {
    this.terminal = terminal
    this.model = firstModel(choice)
    this.feed = new Feed({
      service,
      link: () => this.model.link,
      changed: (link) => this.become({ ...this.model, link }),
      came: (message) => this.become(withMessage(this.model, message)),
      broke: (text, wait) => this.become({ ...this.model, trouble: { text, until: this.now() + wait } }),
      now: this.now,
      random: Math.random,
    })
  }

  async run(): Promise<ExitCode> {
    const { surroundings, signal } = this.terminal
    const either = AbortSignal.any([signal, this.quit.signal])
    using display = new Display(surroundings, {
      key: (key) => this.press(key),
      resized: () => this.draw(),
    })
    this.display = display
    const beat = setInterval(() => this.draw(), BEAT)
    try {
      this.draw()
      await Promise.race([this.feed.run(either), aborted(either)])
    } finally {
      clearInterval(beat)
      this.display = undefined
    }
    return this.quit.signal.reason === 'interrupt' ? exitCodes.interrupted : exitCodes.ok
  }

  private press(key: Key): void {
    if (key === 'quit' || key === 'interrupt') return this.quit.abort(key)
    if (key === 'suspend') return this.suspend()
    if (key === 'redraw') this.display?.forgetShown()
    const { view } = this.model.link
    this.become(pressed(this.model, key))
    if (this.model.link.view !== view) this.feed.again()
  }

  /** The shell has the terminal until it brings us back. */
  private suspend(): void {
    const { display } = this
    if (display === undefined) return
    display.giveBack()
    this.terminal.surroundings.suspend(() => {
      display.take()
      this.draw()
    })
  }

  private become(model: Model): void {
    this.model = model
    this.draw()
  }

  private draw(): void {
    const { display, terminal } = this
    display?.show(drawScreen(this.model, { now: this.now() }, display.size, terminal.paintOut))
  }
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort')
}
