/** Says for how long there is still something to wait for, where somebody watches. */
import { shownBar } from '../terminal/bar.ts'
import type { Terminal } from '../terminal/terminal.ts'

/** @param most how long it takes at most, in ms */
export function waiting(most: number, { live, redraw, paintErr }: Terminal): Disposable {
  const began = performance.now()
  const draw = (): void => {
    const passed = performance.now() - began
    const words = `connections rest for ${Math.floor(passed / 1_000)} s, until the server closes them or ${Math.round(most / 1_000)} s are over`
    redraw(`${shownBar(Math.min(1, passed / most))}  ${paintErr('dim', words)}`)
  }
  const timer = live ? setInterval(draw, 200).unref() : undefined
  return { [Symbol.dispose]: () => clearInterval(timer) }
}
