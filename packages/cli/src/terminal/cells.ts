/** Text by the columns of a terminal that it takes. */

const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u
const none = /[\p{Mn}\p{Me}\p{Cf}]/u

function cellsOf(character: string): number {
  if (none.test(character)) return 0
  return wide.test(character) ? 2 : 1
}

/** How many columns it takes. Without colours. */
export function cells(text: string): number {
  let sum = 0
  for (const character of text) sum += cellsOf(character)
  return sum
}

/** Nobody shall write lines of their own into a terminal, move about in it, or turn the direction of writing. */
function printable(text: string): string {
  return text.replaceAll(/[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g, '·')
}

/** As much of it as fits, with `…` where something is left out. */
export function clipped(text: string, width: number): string {
  const clean = printable(text)
  if (cells(clean) <= width) return clean
  let kept = ''
  let room = width - 1
  for (const character of clean) {
    room -= cellsOf(character)
    if (room < 0) break
    kept += character
  }
  return width < 1 ? '' : `${kept}…`
}

/** Exactly so wide. */
export function fitted(text: string, width: number, side: 'left' | 'right' = 'left'): string {
  const short = clipped(text, width)
  const gap = ' '.repeat(Math.max(0, width - cells(short)))
  return side === 'left' ? short + gap : gap + short
}

/** Where a line may end: a number stays with its unit. */
const BREAK = / (?!(?:ms|s|min|h|%)(?:\W|$))/

/** Lines of at most so many columns, broken between words. */
export function wrapped(text: string, width: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of printable(text).split(BREAK)) {
    if (line !== '' && cells(line) + 1 + cells(word) > width) {
      lines.push(line)
      line = ''
    }
    line = line === '' ? word : `${line} ${word}`
  }
  return [...lines, line].map((each) => clipped(each, width))
}
