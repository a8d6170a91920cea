/** A part of a text: `text.slice(start, start + window.text.length) === window.text`. */
export interface Window {
  readonly start: number
  readonly text: string
}

export interface WindowSizes {
  /** Characters of a window at most. */
  readonly size: number
  /** Characters that a window repeats of the one before, so that what lies across a cut is seen whole. */
  readonly overlap: number
}

/**
 * Cuts a text into windows that together cover it. Cuts between paragraphs, lines or words where one ends in the last
 * quarter of the window, and never within a surrogate pair.
 */
export function windowsOf(text: string, { size, overlap }: WindowSizes): Window[] {
  const windows: Window[] = []
  for (let start = 0; ;) {
    const end = text.length - start <= size ? text.length : cutBefore(text, start, start + size)
    windows.push({ start, text: text.slice(start, end) })
    if (end === text.length) return windows
    start = whole(text, Math.max(start + 1, end - overlap))
  }
}

function cutBefore(text: string, start: number, end: number): number {
  const earliest = end - Math.floor((end - start) / 4)
  for (const mark of ['\n\n', '\n', ' ']) {
    const at = text.lastIndexOf(mark, end - mark.length)
    if (at >= earliest) return at + mark.length
  }
  return Math.max(start + 2, whole(text, end))
}

/** The place itself, or the one before it when it would cut a surrogate pair. */
function whole(text: string, at: number): number {
  const code = text.charCodeAt(at)
  const before = text.charCodeAt(at - 1)
  return code >= 0xdc00 && code <= 0xdfff && before >= 0xd800 && before <= 0xdbff ? at - 1 : at
}
