import { boundariesWithin, wholeCodePoint } from './graphemes.ts'
import type { Boundaries } from './graphemes.ts'

/**
 * Where to end a part that begins at `start`, aiming at `aim` characters: after the last line break in the second
 * half, else after the last sentence, else after the last word, else after the last whole character. A single
 * character longer than `aim` is kept whole up to `max`.
 */
export function cutAfter(text: string, start: number, aim: number, max: number): number {
  const end = Math.min(text.length, start + aim)
  const boundaries = boundariesWithin(text, start, end)
  const half = start + Math.floor(aim / 2)
  const found: (number | undefined)[] = []
  for (let place = end; place > half; place -= 1) {
    const rank = rankOf(text, place)
    if (found[rank] !== undefined || !boundaries.has(place)) continue
    found[rank] = place
    if (rank === LINE) break
  }
  return (
    found[LINE] ??
    found[SENTENCE] ??
    found[WORD] ??
    found[CHARACTER] ??
    cutAnywhere(text, start, end, max, boundaries)
  )
}

const LINE = 0
const SENTENCE = 1
const WORD = 2
const CHARACTER = 3

const SPACE = /\s/
const STOP = /[.!?…]/
const WIDE_STOP = /[。！？]/

function rankOf(text: string, place: number): number {
  const last = text.charAt(place - 1)
  if (last === '\n') return LINE
  if (WIDE_STOP.test(last)) return SENTENCE
  if (!SPACE.test(last)) return CHARACTER
  return STOP.test(text.charAt(place - 2)) ? SENTENCE : WORD
}

function cutAnywhere(text: string, start: number, end: number, max: number, near: Boundaries): number {
  for (let place = end; place > start; place -= 1) if (near.has(place)) return place
  const last = Math.min(text.length, start + max)
  const further = boundariesWithin(text, start, last)
  for (let place = end + 1; place <= last; place += 1) if (further.has(place)) return place
  // Thousands of accents on one letter: nothing that anybody reads.
  return Math.max(start + 1, wholeCodePoint(text, last))
}

/**
 * Where the next chunk may begin so as to repeat the end of the text from `start` to `end`: at a word in its last
 * `room` characters, or at a whole character where there are no spaces. `end` when there is nothing to repeat.
 */
export function overlapStart(text: string, start: number, end: number, room: number): number {
  const first = Math.max(start, end - room)
  if (room <= 0 || text.slice(first, end).trim() === '') return end
  if (first === start) return start
  const boundaries = boundariesWithin(text, start, end)
  let whole: number | undefined
  for (let place = first; place < end; place += 1) {
    if (!boundaries.has(place)) continue
    whole ??= place
    if (SPACE.test(text.charAt(place - 1)) && !SPACE.test(text.charAt(place))) return place
  }
  return whole ?? end
}
