/**
 * Where a text may be cut without breaking what a reader sees as one character: a surrogate pair, a letter with
 * its accents, a family emoji, a flag, a line break of two characters.
 */
const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' })

/** Printable ASCII and white space: every place is a boundary, except within CR LF. */
const PLAIN = /^[\t\n\r\x20-\x7e]*$/

export interface Boundaries {
  /** Whether the text may be cut before `position`. */
  has(position: number): boolean
}

/**
 * The boundaries from `start` to `end`. `start` must be one itself. Looks at this window only, so that reading
 * a text window by window takes time in proportion to its length (asking ICU about a place in the middle of a
 * long row of flags reads back to its beginning each time).
 */
export function boundariesWithin(text: string, start: number, end: number): Boundaries {
  // Two more units show whether the window's end cuts a surrogate pair or a CR LF.
  const window = text.slice(start, end + 2)
  if (PLAIN.test(window)) {
    return { has: (position) => !(text[position - 1] === '\r' && text[position] === '\n') }
  }
  const marks = new Uint8Array(window.length + 1)
  for (const { index } of segmenter.segment(window)) marks[index] = 1
  if (start + window.length === text.length) marks[window.length] = 1
  return { has: (position) => marks[position - start] === 1 }
}

/** The last place at or before `position` that does not cut a surrogate pair. */
export function wholeCodePoint(text: string, position: number): number {
  const before = text.charCodeAt(position - 1)
  const after = text.charCodeAt(position)
  const pair = before >= 0xd800 && before <= 0xdbff && after >= 0xdc00 && after <= 0xdfff
  return pair ? position - 1 : position
}
